package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * {@code hdlr} (ISO/IEC 14496-12 §8.4.3): what kind of media the track carries.
 *
 * @param handler {@code vide}, {@code soun} or {@code text}
 * @param name for people; ASCII without NUL
 */
public record HandlerBox(String handler, String name) implements Box {
  @Override
  public String type() {
    return "hdlr";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 20 + name.length() + 1;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(0);
    Fields.fourCc(out, handler);
    Fields.zeros(out, 12);
    out.put(name.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
  }

  static HandlerBox read(ByteBuffer in) {
    Fields.skip(in, 4 + 4);
    String handler = Fields.fourCc(in);
    Fields.skip(in, 12);
    byte[] name = new byte[Math.max(0, in.remaining() - 1)];
    in.get(name);
    return new HandlerBox(handler, new String(name, StandardCharsets.US_ASCII));
  }
}
