package io.millrace.loadtest.e2e;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads what the checks need of CMAF headers and fragments (ISO/IEC 14496-12 §8). Written for the
 * tests and independent of the packager's own writer, so that the two cannot share a mistake.
 */
public final class Boxes {
  private static final int NON_SYNC = 0x0001_0000;

  private Boxes() {}

  /**
   * What an initialization segment says.
   *
   * @param codec RFC 6381 string computed from the sample entry
   * @param width of the coded picture
   * @param displayWidth as the track is to be shown, with square pixels (§8.3.2 tkhd)
   */
  public record Init(
      int timescale, String codec, int width, int height, int displayWidth, int displayHeight) {}

  /**
   * @param compositionOffsetTicks signed
   */
  public record Sample(
      long durationTicks, int sizeBytes, boolean sync, long compositionOffsetTicks) {
    private Sample longerBy(long ticks) {
      return new Sample(durationTicks + ticks, sizeBytes, sync, compositionOffsetTicks);
    }
  }

  /**
   * One media segment: all its fragments as one run. A sample in front of a hole between two
   * fragments lasts to the hole's end.
   *
   * @param holeTicks the largest hole between two fragments
   */
  public record Media(long decodeTimeTicks, List<Sample> samples, long holeTicks) {
    public long durationTicks() {
      return samples.stream().mapToLong(Sample::durationTicks).sum();
    }

    public long endTicks() {
      return decodeTimeTicks + durationTicks();
    }

    /** Presentation times, ascending. */
    public List<Long> presentationTicks() {
      List<Long> times = new ArrayList<>();
      long decodeTicks = decodeTimeTicks;
      for (Sample sample : samples) {
        times.add(decodeTicks + sample.compositionOffsetTicks);
        decodeTicks += sample.durationTicks;
      }
      return times.stream().sorted().toList();
    }
  }

  private record Box(String type, ByteBuffer body) {}

  public static Init init(byte[] bytes) {
    ByteBuffer trak = path(ByteBuffer.wrap(bytes), "moov", "trak");
    ByteBuffer tkhd = path(trak, "tkhd");
    int displayHeight = tkhd.getInt(tkhd.limit() - 4) >>> 16;
    int displayWidth = tkhd.getInt(tkhd.limit() - 8) >>> 16;
    ByteBuffer mdhd = path(trak, "mdia", "mdhd");
    int timescale = mdhd.getInt(mdhd.get(mdhd.position()) == 1 ? at(mdhd, 20) : at(mdhd, 12));
    ByteBuffer stsd = path(trak, "mdia", "minf", "stbl", "stsd");
    stsd.position(at(stsd, 8));
    Box entry = boxes(stsd).getFirst();
    ByteBuffer body = entry.body;
    return switch (entry.type) {
      case "avc1", "avc3" -> {
        ByteBuffer avcC = path(skip(body, 78), "avcC");
        byte[] profile = {avcC.get(at(avcC, 1)), avcC.get(at(avcC, 2)), avcC.get(at(avcC, 3))};
        String codec = entry.type + "." + HexFormat.of().formatHex(profile);
        yield picture(timescale, codec, body, displayWidth, displayHeight);
      }
      case "av01" -> {
        String codec = av1(path(skip(body, 78), "av1C"));
        yield picture(timescale, codec, body, displayWidth, displayHeight);
      }
      case "hvc1", "hev1" -> {
        String codec = entry.type + hevc(path(skip(body, 78), "hvcC"));
        yield picture(timescale, codec, body, displayWidth, displayHeight);
      }
      case "vp09" -> {
        String codec = vp9(path(skip(body, 78), "vpcC"));
        yield picture(timescale, codec, body, displayWidth, displayHeight);
      }
      case "mp4a" -> new Init(timescale, mp4a(path(skip(body, 28), "esds")), 0, 0, 0, 0);
      case "Opus" -> new Init(timescale, "opus", 0, 0, 0, 0);
      default -> throw new AssertionError("unexpected sample entry " + entry.type);
    };
  }

  private static Init picture(
      int timescale, String codec, ByteBuffer entry, int displayWidth, int displayHeight) {
    return new Init(
        timescale,
        codec,
        entry.getShort(at(entry, 24)) & 0xffff,
        entry.getShort(at(entry, 26)) & 0xffff,
        displayWidth,
        displayHeight);
  }

  /** AV1-ISOBMFF §5: the parameters before the optional ones. */
  private static String av1(ByteBuffer av1C) {
    int second = av1C.get(at(av1C, 1)) & 0xff;
    int third = av1C.get(at(av1C, 2)) & 0xff;
    int depth = (third & 0x40) == 0 ? 8 : (third & 0x20) == 0 ? 10 : 12;
    return String.format(
        Locale.ROOT,
        "av01.%d.%02d%s.%02d",
        second >> 5,
        second & 0x1f,
        (third & 0x80) == 0 ? "M" : "H",
        depth);
  }

  /**
   * ISO/IEC 14496-15 §E.3: profile, compatibility flags in reverse, tier and level, constraints.
   */
  private static String hevc(ByteBuffer hvcC) {
    int first = hvcC.get(at(hvcC, 1)) & 0xff;
    int compatibility = Integer.reverse(hvcC.getInt(at(hvcC, 2)));
    StringBuilder codec = new StringBuilder(".");
    codec.append(List.of("", "A", "B", "C").get(first >> 6)).append(first & 0x1f);
    codec.append('.').append(Integer.toHexString(compatibility));
    codec.append((first & 0x20) == 0 ? ".L" : ".H").append(hvcC.get(at(hvcC, 12)) & 0xff);
    int constraints = 6;
    while (constraints > 0 && hvcC.get(at(hvcC, 5 + constraints)) == 0) {
      constraints--;
    }
    for (int i = 0; i < constraints; i++) {
      codec.append('.').append(Integer.toHexString(hvcC.get(at(hvcC, 6 + i)) & 0xff));
    }
    return codec.toString();
  }

  /** VP Codec ISO Media File Format Binding v1.0: the mandatory fields of the string. */
  private static String vp9(ByteBuffer vpcC) {
    return String.format(
        Locale.ROOT,
        "vp09.%02d.%02d.%02d",
        vpcC.get(at(vpcC, 4)),
        vpcC.get(at(vpcC, 5)),
        (vpcC.get(at(vpcC, 6)) & 0xff) >> 4);
  }

  /**
   * ISO/IEC 14496-1 §7.2.6: down to the DecoderSpecificInfo, whose first five bits are the object
   * type.
   */
  private static String mp4a(ByteBuffer esds) {
    ByteBuffer in = esds.duplicate();
    in.position(at(esds, 4));
    descriptor(in, 3);
    in.position(in.position() + 3);
    descriptor(in, 4);
    int objectTypeIndication = in.get() & 0xff;
    if (objectTypeIndication != 0x40) {
      return String.format(Locale.ROOT, "mp4a.%02x", objectTypeIndication);
    }
    in.position(in.position() + 12);
    descriptor(in, 5);
    int audioObjectType = (in.get() & 0xff) >> 3;
    return String.format(Locale.ROOT, "mp4a.%02x.%d", objectTypeIndication, audioObjectType);
  }

  private static void descriptor(ByteBuffer in, int tag) {
    int found = in.get();
    if (found != tag) {
      throw new AssertionError("esds: descriptor " + found + " instead of " + tag);
    }
    while ((in.get() & 0x80) != 0) {
      // The length, seven bits a byte.
    }
  }

  public static Media media(byte[] bytes) {
    List<Sample> samples = new ArrayList<>();
    long firstTicks = -1;
    long nextTicks = -1;
    long holeTicks = 0;
    for (Box box : boxes(ByteBuffer.wrap(bytes))) {
      if (!box.type.equals("moof")) {
        continue;
      }
      ByteBuffer traf = path(box.body, "traf");
      ByteBuffer tfdt = path(traf, "tfdt");
      boolean wide = tfdt.get(tfdt.position()) == 1;
      long ticks = wide ? tfdt.getLong(at(tfdt, 4)) : tfdt.getInt(at(tfdt, 4)) & 0xffff_ffffL;
      if (firstTicks < 0) {
        firstTicks = ticks;
      } else if (ticks < nextTicks) {
        throw new AssertionError("tfdt " + ticks + " inside a segment, expected " + nextTicks);
      } else if (ticks > nextTicks) {
        holeTicks = Math.max(holeTicks, ticks - nextTicks);
        samples.addLast(samples.removeLast().longerBy(ticks - nextTicks));
      }
      Defaults defaults = tfhd(path(traf, "tfhd"));
      int before = samples.size();
      for (Box run : boxes(traf)) {
        if (run.type.equals("trun")) {
          trun(run.body, defaults, samples);
        }
      }
      nextTicks =
          ticks
              + samples.subList(before, samples.size()).stream()
                  .mapToLong(Sample::durationTicks)
                  .sum();
    }
    if (firstTicks < 0) {
      throw new AssertionError("a media segment without moof");
    }
    return new Media(firstTicks, List.copyOf(samples), holeTicks);
  }

  private record Defaults(int durationTicks, int sizeBytes, int flags) {}

  private static Defaults tfhd(ByteBuffer tfhd) {
    ByteBuffer in = tfhd.duplicate();
    int flags = in.getInt() & 0xff_ffff;
    if ((flags & 0x02_0000) == 0) {
      throw new AssertionError("tfhd without default-base-is-moof (ISO/IEC 23000-19 §7.5.16)");
    }
    in.getInt();
    if ((flags & 0x01) != 0) {
      in.getLong();
    }
    if ((flags & 0x02) != 0) {
      in.getInt();
    }
    int duration = (flags & 0x08) != 0 ? in.getInt() : 0;
    int size = (flags & 0x10) != 0 ? in.getInt() : 0;
    return new Defaults(duration, size, (flags & 0x20) != 0 ? in.getInt() : 0);
  }

  private static void trun(ByteBuffer trun, Defaults defaults, List<Sample> into) {
    ByteBuffer in = trun.duplicate();
    int flags = in.getInt() & 0xff_ffff;
    int count = in.getInt();
    if ((flags & 0x01) != 0) {
      in.getInt();
    }
    int firstFlags = (flags & 0x04) != 0 ? in.getInt() : -1;
    for (int i = 0; i < count; i++) {
      long duration = ((flags & 0x100) != 0 ? in.getInt() : defaults.durationTicks) & 0xffff_ffffL;
      int size = (flags & 0x200) != 0 ? in.getInt() : defaults.sizeBytes;
      int sampleFlags = (flags & 0x400) != 0 ? in.getInt() : defaults.flags;
      if (i == 0 && firstFlags != -1) {
        sampleFlags = firstFlags;
      }
      long offset = (flags & 0x800) != 0 ? in.getInt() : 0;
      into.add(new Sample(duration, size, (sampleFlags & NON_SYNC) == 0, offset));
    }
  }

  private static int at(ByteBuffer buffer, int offset) {
    return buffer.position() + offset;
  }

  private static ByteBuffer skip(ByteBuffer body, int bytes) {
    ByteBuffer rest = body.duplicate();
    rest.position(at(body, bytes));
    return rest;
  }

  private static ByteBuffer path(ByteBuffer in, String... types) {
    ByteBuffer at = in;
    for (String type : types) {
      Optional<Box> found = boxes(at).stream().filter(box -> box.type.equals(type)).findFirst();
      at = found.orElseThrow(() -> new AssertionError("no box " + type)).body;
    }
    return at;
  }

  private static List<Box> boxes(ByteBuffer in) {
    List<Box> boxes = new ArrayList<>();
    ByteBuffer at = in.duplicate();
    while (at.remaining() >= 8) {
      int start = at.position();
      long size = at.getInt(start) & 0xffff_ffffL;
      byte[] type = new byte[4];
      at.get(start + 4, type);
      int header = 8;
      if (size == 1) {
        size = at.getLong(start + 8);
        header = 16;
      }
      if (size < header || size > at.remaining()) {
        throw new AssertionError("box of " + size + " bytes where " + at.remaining() + " are left");
      }
      ByteBuffer body = at.duplicate();
      body.position(start + header).limit(start + (int) size);
      boxes.add(new Box(new String(type, StandardCharsets.ISO_8859_1), body));
      at.position(start + (int) size);
    }
    if (at.hasRemaining()) {
      throw new AssertionError(at.remaining() + " bytes after the last box");
    }
    return boxes;
  }
}
