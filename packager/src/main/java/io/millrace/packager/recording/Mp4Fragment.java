package io.millrace.packager.recording;

import io.millrace.media.MediaFormatException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A part as a fragment of a file with several tracks: {@code moof} with the number, the track and
 * the time that it has there, and {@code mdat}; {@code styp} and whatever else stands before is
 * left out. Samples are found from the start of {@code moof} (default-base-is-moof, ISO/IEC
 * 14496-12 §8.8.7), so nothing else changes, and they are not copied.
 *
 * @param movieFragment a copy
 * @param mediaData a view of the part's bytes
 */
record Mp4Fragment(ByteBuffer movieFragment, ByteBuffer mediaData) {
  private static final int FULL_HEADER_BYTES = 12;

  /**
   * @param earlierTicks by how much its time is earlier in the file
   */
  static Mp4Fragment of(byte[] part, int trackId, long earlierTicks) {
    ByteBuffer in = ByteBuffer.wrap(part);
    int at = find(in, 0, part.length, "moof");
    int size = BoxWalk.sizeAt(in, at);
    int data = at + size;
    if (data >= part.length || !BoxWalk.typeAt(in, data).equals("mdat")) {
      throw MediaFormatException.malformed("moof without its mdat");
    }
    ByteBuffer moof = ByteBuffer.allocate(size);
    moof.put(0, part, at, size);
    int track = find(moof, 8, size, "traf");
    int end = track + BoxWalk.sizeAt(moof, track);
    moof.putInt(find(moof, track + 8, end, "tfhd") + FULL_HEADER_BYTES, trackId);
    int time = find(moof, track + 8, end, "tfdt");
    if (moof.get(time + 8) != 1) {
      throw MediaFormatException.unsupported("tfdt of version " + moof.get(time + 8));
    }
    moof.putLong(time + FULL_HEADER_BYTES, moof.getLong(time + FULL_HEADER_BYTES) - earlierTicks);
    return new Mp4Fragment(moof, in.slice(data, BoxWalk.sizeAt(in, data)));
  }

  private static int find(ByteBuffer in, int from, int to, String type) {
    int at = BoxWalk.find(in, from, to, type);
    if (at < 0) {
      throw MediaFormatException.malformed("fragment without " + type);
    }
    return at;
  }

  /** Gives it its number in the file (§8.8.5). */
  void number(int number) {
    int header = find(movieFragment, 8, movieFragment.limit(), "mfhd");
    movieFragment.putInt(header + FULL_HEADER_BYTES, number);
  }

  int sizeBytes() {
    return movieFragment.limit() + mediaData.limit();
  }

  List<ByteBuffer> buffers() {
    return List.of(movieFragment, mediaData);
  }
}
