package io.millrace.packager.recording;

import io.millrace.media.Timescale;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where fragments are in a file, written when it is finished: {@code sidx} in front (ISO/IEC
 * 14496-12 §8.16.3), {@code mfra} at the end (§8.8.9). Grows by a small record a fragment.
 *
 * @param timescales of the tracks, by track number less one; the first track is the reference
 * @param entries in the order of the file
 */
record Mp4Index(List<Timescale> timescales, List<Entry> entries) {
  /**
   * A fragment.
   *
   * @param independent starts with a random access point
   */
  record Entry(
      int track, long position, int sizeBytes, long startTicks, long ticks, boolean independent) {}

  private record Subsegment(long position, long startTicks, long endTicks) {}

  private static final int SIDX_HEAD_BYTES = 12 + 8 + 16 + 4;
  private static final int SIDX_ENTRY_BYTES = 12;
  private static final int TFRA_HEAD_BYTES = 12 + 12;
  private static final int TFRA_ENTRY_BYTES = 19;
  private static final int MFRO_BYTES = 16;
  private static final int MAX_REFERENCES = 0xFFFF;
  private static final int STARTS_WITH_SAP_1 = 0x9000_0000;
  private static final int MIN_FREE_BYTES = 8;

  static Mp4Index of(List<Timescale> timescales) {
    return new Mp4Index(List.copyOf(timescales), new ArrayList<>());
  }

  void add(Entry entry) {
    entries.add(entry);
  }

  /** Where the last fragment of any track ends, in ticks of {@code to}. */
  long endTicks(Timescale to) {
    long end = 0;
    for (Entry entry : entries) {
      Timescale own = timescales.get(entry.track - 1);
      end = Math.max(end, own.rescale(entry.startTicks + entry.ticks, to));
    }
    return end;
  }

  /**
   * {@code sidx} and a {@code free} box behind it, together {@code room} bytes, which stand right
   * in front of the first fragment. Where segments are too many for the room, several share an
   * entry.
   */
  ByteBuffer front(int room) {
    List<Subsegment> all = subsegments();
    int fit =
        Math.min(MAX_REFERENCES, (room - MIN_FREE_BYTES - SIDX_HEAD_BYTES) / SIDX_ENTRY_BYTES);
    int share = Math.max(1, Math.ceilDiv(all.size(), fit));
    int count = Math.ceilDiv(all.size(), share);
    int size = SIDX_HEAD_BYTES + count * SIDX_ENTRY_BYTES;
    long end = entries.isEmpty() ? 0 : end(entries.getLast());
    ByteBuffer out = ByteBuffer.allocate(room);
    header(out, size, "sidx", 1);
    out.putInt(1).putInt(timescales.getFirst().ticksPerSecond());
    out.putLong(all.isEmpty() ? 0 : all.getFirst().startTicks);
    out.putLong(room - size).putShort((short) 0).putShort((short) count);
    for (int i = 0; i < all.size(); i += share) {
      int next = i + share;
      long position = next < all.size() ? all.get(next).position : end;
      long endTicks = next < all.size() ? all.get(next).startTicks : all.getLast().endTicks;
      out.putInt(Math.toIntExact(position - all.get(i).position));
      out.putInt((int) Math.min(0xFFFF_FFFFL, endTicks - all.get(i).startTicks));
      out.putInt(STARTS_WITH_SAP_1);
    }
    out.putInt(room - size).put(type("free"));
    return out.clear();
  }

  private static long end(Entry entry) {
    return entry.position + entry.sizeBytes;
  }

  /** From one random access point of the reference track to the next. */
  private List<Subsegment> subsegments() {
    List<Subsegment> found = new ArrayList<>();
    long lastEnd = 0;
    for (Entry entry : entries) {
      if (entry.track == 1) {
        lastEnd = entry.startTicks + entry.ticks;
        if (entry.independent || found.isEmpty()) {
          // What lies in front of the first one belongs to it.
          long position = found.isEmpty() ? entries.getFirst().position : entry.position;
          found.add(new Subsegment(position, entry.startTicks, lastEnd));
        }
      }
    }
    if (!found.isEmpty()) {
      Subsegment last = found.removeLast();
      found.add(new Subsegment(last.position, last.startTicks, lastEnd));
    }
    return found;
  }

  /** {@code mfra} with a {@code tfra} for each track, and {@code mfro}, which tells its size. */
  ByteBuffer back() {
    List<Entry> points = entries.stream().filter(Entry::independent).toList();
    int size =
        8 + timescales.size() * TFRA_HEAD_BYTES + points.size() * TFRA_ENTRY_BYTES + MFRO_BYTES;
    ByteBuffer out = ByteBuffer.allocate(size);
    out.putInt(size).put(type("mfra"));
    for (int track = 1; track <= timescales.size(); track++) {
      int of = track;
      List<Entry> own = points.stream().filter(entry -> entry.track == of).toList();
      header(out, TFRA_HEAD_BYTES + own.size() * TFRA_ENTRY_BYTES, "tfra", 1);
      out.putInt(track).putInt(0).putInt(own.size()); // numbers of one byte
      for (Entry entry : own) {
        out.putLong(entry.startTicks).putLong(entry.position);
        out.put((byte) 1).put((byte) 1).put((byte) 1); // traf, trun, sample
      }
    }
    header(out, MFRO_BYTES, "mfro", 0);
    return out.putInt(size).flip();
  }

  private static void header(ByteBuffer out, int size, String type, int version) {
    out.putInt(size).put(type(type)).putInt(version << 24);
  }

  private static byte[] type(String type) {
    return type.getBytes(StandardCharsets.ISO_8859_1);
  }
}
