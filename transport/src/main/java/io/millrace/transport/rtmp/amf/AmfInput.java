package io.millrace.transport.rtmp.amf;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one message with the account of what they have decoded to. Every length is checked
 * against the bytes that are there before anything is allocated for it.
 */
final class AmfInput {
  /** A complex value that can be referred to, with its cost as a tree; null while being read. */
  private record Referable(AmfValue value, int elements, int textBytes) {}

  /** One table of complex values, in the order in which they began. */
  static final class References {
    private final List<@Nullable Referable> values = new ArrayList<>();
  }

  private final ByteBuf in;
  private final AmfLimits limits;
  private int depth;
  private int elements;
  private int textBytes;

  /** Borrows {@code in}. */
  AmfInput(ByteBuf in, AmfLimits limits) {
    this.in = in;
    this.limits = limits;
  }

  boolean isReadable() {
    return in.isReadable();
  }

  int readableBytes() {
    return in.readableBytes();
  }

  int u8() {
    need(1);
    return in.readUnsignedByte();
  }

  /** The next byte, not taken; there has to be one. */
  int peekU8() {
    return in.getUnsignedByte(in.readerIndex());
  }

  int u16() {
    need(2);
    return in.readUnsignedShort();
  }

  /** An unsigned 32-bit count or length. */
  long u32() {
    need(4);
    return in.readUnsignedInt();
  }

  int i32() {
    need(4);
    return in.readInt();
  }

  double f64() {
    need(8);
    return in.readDouble();
  }

  void skip(long bytes) {
    need(bytes);
    in.skipBytes((int) bytes);
  }

  /** UTF-8 of {@code bytes} bytes; malformed sequences become U+FFFD. */
  String text(long bytes) {
    need(bytes);
    chargeText(bytes);
    return in.readString((int) bytes, StandardCharsets.UTF_8);
  }

  void need(long bytes) {
    if (in.readableBytes() < bytes) {
      throw new AmfException(
          "AMF value of %d bytes in %d bytes".formatted(bytes, in.readableBytes()));
    }
  }

  void chargeElements(long count) {
    if (count > limits.maxElements() - elements) {
      throw new AmfException("more than " + limits.maxElements() + " AMF values");
    }
    elements += (int) count;
  }

  void chargeText(long bytes) {
    if (bytes > limits.maxTextBytes() - textBytes) {
      throw new AmfException("more than " + limits.maxTextBytes() + " bytes of AMF text");
    }
    textBytes += (int) bytes;
  }

  void enter() {
    if (++depth > limits.maxDepth()) {
      throw new AmfException("AMF nested deeper than " + limits.maxDepth());
    }
  }

  void leave() {
    depth--;
  }

  /** Reads a complex value in its own reference slot, one level deeper. */
  AmfValue complex(References references, Supplier<AmfValue> reader) {
    int slot = references.values.size();
    references.values.add(null);
    int elementsBefore = elements;
    int textBefore = textBytes;
    enter();
    AmfValue value = reader.get();
    leave();
    references.values.set(
        slot, new Referable(value, elements - elementsBefore, textBytes - textBefore));
    return value;
  }

  /** The value referred to, charged again. */
  AmfValue refer(References references, int index) {
    if (index >= references.values.size()) {
      throw new AmfException("AMF reference " + index + " to nothing");
    }
    Referable referable = references.values.get(index);
    if (referable == null) {
      throw new AmfException("AMF reference " + index + " into itself");
    }
    chargeElements(referable.elements());
    chargeText(referable.textBytes());
    return referable.value();
  }
}
