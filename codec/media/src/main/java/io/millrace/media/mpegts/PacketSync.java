package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Packets of 188 bytes out of pieces of any length (ISO/IEC 13818-1 Annex G). In step, whole
 * packets are passed on where they lie; only one that is split over two pieces is copied. Out of
 * step, the sync byte is looked for until three stand a packet apart.
 */
final class PacketSync {
  /** Takes packets. */
  @FunctionalInterface
  interface Sink {
    /** Borrows the 188 bytes at {@code index}. */
    void accept(ByteBuf in, int index);
  }

  private static final int SYNCS_NEEDED = 3;
  private static final int SEARCHED_BYTES = SYNCS_NEEDED * TsPacket.SIZE_BYTES;

  /** Without a packet in so many bytes, this is something else. */
  private static final int MAXIMUM_SEARCH_BYTES = 64 << 10;

  private final Tally tally;
  private final Sink sink;
  private final ByteBuf held = Unpooled.buffer(SEARCHED_BYTES, SEARCHED_BYTES);
  private boolean inStep;
  private int searchedBytes;

  PacketSync(Tally tally, Sink sink) {
    this.tally = tally;
    this.sink = sink;
  }

  /** Borrows; leaves the indices alone. */
  void accept(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end) {
      if (inStep && !held.isReadable() && end - at >= TsPacket.SIZE_BYTES) {
        if (isSync(in, at)) {
          sink.accept(in, at);
          at += TsPacket.SIZE_BYTES;
          continue;
        }
        lose();
      }
      int wanted = inStep ? TsPacket.SIZE_BYTES : SEARCHED_BYTES;
      int taken = Math.min(wanted - held.readableBytes(), end - at);
      held.writeBytes(in, at, taken);
      at += taken;
      if (held.readableBytes() == wanted) {
        drain();
      }
    }
  }

  private void drain() {
    if (!inStep) {
      search();
      return;
    }
    if (isSync(held, 0)) {
      sink.accept(held, 0);
      held.clear();
    } else {
      lose();
    }
  }

  private void lose() {
    inStep = false;
    tally.syncLosses++;
  }

  /** Looks through the three packets' worth of bytes in hand. */
  private void search() {
    int at = 0;
    while (at < TsPacket.SIZE_BYTES && !syncsAt(at)) {
      at++;
    }
    tally.discardedBytes += at;
    searchedBytes += at;
    if (at == TsPacket.SIZE_BYTES) {
      if (searchedBytes > MAXIMUM_SEARCH_BYTES) {
        throw MediaFormatException.malformed(
            "not an MPEG transport stream: no sync bytes 188 apart in " + searchedBytes + " bytes");
      }
    } else {
      inStep = true;
      searchedBytes = 0;
      while (held.writerIndex() - at >= TsPacket.SIZE_BYTES) {
        sink.accept(held, at);
        at += TsPacket.SIZE_BYTES;
      }
    }
    held.readerIndex(at).discardReadBytes();
  }

  private boolean syncsAt(int first) {
    for (int at = first; at < SEARCHED_BYTES; at += TsPacket.SIZE_BYTES) {
      if (!isSync(held, at)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSync(ByteBuf in, int index) {
    return in.getUnsignedByte(index) == TsPacket.SYNC;
  }
}
