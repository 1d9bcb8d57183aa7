package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/**
 * Finds the access units in the PES packets of one elementary stream. Borrows every buffer; not
 * thread-safe.
 */
interface Framer {
  /** Takes access units; the payload is borrowed. */
  @FunctionalInterface
  interface Sink {
    void accept(TsAccessUnit unit);
  }

  /** A whole PES packet's payload. */
  void packet(PesHeader header, boolean randomAccess, ByteBuf payload);

  /** The undamaged beginning of a PES packet whose rest is lost; a {@link #gap} follows. */
  default void cut(PesHeader header, boolean randomAccess, ByteBuf payload) {}

  /** Bytes are missing here. */
  void gap();

  /** Nothing follows: what is held is whole. */
  default void flush() {}

  /** Bytes of memory held between packets. */
  default int heldBytes() {
    return 0;
  }

  /** Releases what is held. */
  default void close() {}
}
