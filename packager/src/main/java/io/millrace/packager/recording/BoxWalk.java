package io.millrace.packager.recording;

import io.millrace.media.MediaFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Sizes and types of boxes where they lie, without reading what is in them. */
final class BoxWalk {
  static final int HEADER_BYTES = 8;

  private BoxWalk() {}

  /**
   * @throws MediaFormatException (malformed) where no whole box is
   */
  static int sizeAt(ByteBuffer in, int at) {
    long size = in.limit() - at < HEADER_BYTES ? 0 : in.getInt(at) & 0xFFFF_FFFFL;
    if (size < HEADER_BYTES || size > in.limit() - at) {
      throw MediaFormatException.malformed("no box at byte " + at);
    }
    return (int) size;
  }

  static String typeAt(ByteBuffer in, int at) {
    byte[] type = new byte[4];
    in.get(at + 4, type);
    return new String(type, StandardCharsets.ISO_8859_1);
  }

  /** Where the box of a type starts among those from {@code from} to {@code to}; -1: nowhere. */
  static int find(ByteBuffer in, int from, int to, String type) {
    for (int at = from; at < to; at += sizeAt(in, at)) {
      if (typeAt(in, at).equals(type)) {
        return at;
      }
    }
    return -1;
  }
}
