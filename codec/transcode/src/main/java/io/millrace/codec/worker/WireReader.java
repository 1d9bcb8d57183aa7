package io.millrace.codec.worker;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the body of a frame: every length is checked before it is believed. Borrows the buffer. */
final class WireReader {
  private final ByteBuf body;

  WireReader(ByteBuf body) {
    this.body = body;
  }

  private void need(int bytes) throws WireException {
    if (bytes < 0 || body.readableBytes() < bytes) {
      throw new WireException("a message ends " + bytes + " bytes too early");
    }
  }

  int u8() throws WireException {
    need(1);
    return body.readUnsignedByte();
  }

  boolean flag() throws WireException {
    int value = u8();
    if (value > 1) {
      throw new WireException("not a flag: " + value);
    }
    return value == 1;
  }

  int i32() throws WireException {
    need(4);
    return body.readInt();
  }

  long i64() throws WireException {
    need(8);
    return body.readLong();
  }

  double real() throws WireException {
    double value = Double.longBitsToDouble(i64());
    if (!Double.isFinite(value)) {
      throw new WireException("not a number");
    }
    return value;
  }

  /** A count of 0 to {@code most}. */
  int count(int most) throws WireException {
    int value = i32();
    if (value < 0 || value > most) {
      throw new WireException("a count of " + value + ", at most " + most);
    }
    return value;
  }

  byte[] bytes(int most) throws WireException {
    int length = count(most);
    need(length);
    byte[] read = new byte[length];
    body.readBytes(read);
    return read;
  }

  /** UTF-8 as far as it is that; control characters become spaces, since people read it in logs. */
  String text() throws WireException {
    String text = new String(bytes(Wire.MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  @Nullable String optionalText() throws WireException {
    return flag() ? text() : null;
  }

  <E extends Enum<E>> E word(Class<E> type) throws WireException {
    E[] all = type.getEnumConstants();
    int index = u8();
    if (index >= all.length) {
      throw new WireException("no such " + type.getSimpleName() + ": " + index);
    }
    return all[index];
  }

  /** What is left, without a copy; borrowed. */
  ByteBuf rest() {
    return body;
  }

  void end() throws WireException {
    if (body.isReadable()) {
      throw new WireException(body.readableBytes() + " bytes behind the end of a message");
    }
  }
}
