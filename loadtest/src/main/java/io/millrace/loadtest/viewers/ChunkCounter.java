package io.millrace.loadtest.viewers;

import io.netty.buffer.ByteBuf;

/**
 * Walks content in the chunked coding (RFC 9112 §7.1) and counts it; trailers are none of anybody's
 * business here. Confined to one event loop.
 */
final class ChunkCounter {
  private enum At {
    SIZE,
    DATA,
    LINE_END,
    LAST
  }

  private static final int MAX_DIGITS = 15;

  private At at = At.SIZE;
  private long leftBytes;
  private int digits;
  private int lineBytes;
  private long bodyBytes;
  private boolean malformed;

  /**
   * Takes what there is; true when the content is complete, and what follows is another answer's.
   */
  boolean take(ByteBuf bytes) {
    while (bytes.isReadable() && !malformed) {
      if (at == At.DATA) {
        int size = (int) Math.min(leftBytes, bytes.readableBytes());
        bytes.skipBytes(size);
        leftBytes -= size;
        bodyBytes += size;
        at = leftBytes == 0 ? At.LINE_END : At.DATA;
      } else if (line(bytes.readByte())) {
        return true;
      }
    }
    return false;
  }

  private boolean line(byte c) {
    switch (at) {
      case SIZE -> size(c);
      case LINE_END -> {
        malformed = c != '\r' && c != '\n';
        if (c == '\n') {
          begin();
        }
      }
      case LAST -> {
        if (c == '\n') {
          boolean empty = lineBytes == 0;
          lineBytes = 0;
          return empty;
        }
        lineBytes += c == '\r' ? 0 : 1;
      }
      case DATA -> throw new IllegalStateException("data is no line");
    }
    return false;
  }

  private void begin() {
    at = At.SIZE;
    leftBytes = 0;
    digits = 0;
  }

  private void size(byte c) {
    int digit = Character.digit(c, 16);
    if (digit >= 0 && digits < MAX_DIGITS) {
      leftBytes = leftBytes << 4 | digit;
      digits++;
    } else if (c == '\n' && digits > 0) {
      at = leftBytes == 0 ? At.LAST : At.DATA;
    } else if (c != '\r') {
      malformed = true;
    }
  }

  /** Content so far. */
  long bodyBytes() {
    return bodyBytes;
  }

  boolean isMalformed() {
    return malformed;
  }
}
