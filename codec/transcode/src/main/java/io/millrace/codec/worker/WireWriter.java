package io.millrace.codec.worker;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the body of a frame, in the order in which {@link WireReader} reads it. */
final class WireWriter {
  private final ByteBuf body;

  WireWriter(ByteBuf body) {
    this.body = body;
  }

  WireWriter u8(int value) {
    body.writeByte(value);
    return this;
  }

  WireWriter flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  WireWriter i32(int value) {
    body.writeInt(value);
    return this;
  }

  WireWriter i64(long value) {
    body.writeLong(value);
    return this;
  }

  WireWriter real(double value) {
    return i64(Double.doubleToRawLongBits(Double.isFinite(value) ? value : 0));
  }

  WireWriter bytes(byte[] value) {
    i32(value.length);
    body.writeBytes(value);
    return this;
  }

  /** Shortened to what a reader takes. */
  WireWriter text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, Wire.MAX_TEXT_BYTES);
    i32(length);
    body.writeBytes(utf8, 0, length);
    return this;
  }

  WireWriter optionalText(@Nullable String value) {
    flag(value != null);
    return value == null ? this : text(value);
  }

  WireWriter word(Enum<?> value) {
    return u8(value.ordinal());
  }
}
