package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Frames of sound that announce their own length. A PES packet holds any number of them, and one
 * may go on in the next packet; the packet's time is that of the first one that begins in it
 * (ISO/IEC 13818-1 §2.4.3.7, PTS).
 *
 * <p>After a gap a frame counts only when another one follows it directly or it ends with its
 * packet, since the sync words may also be data.
 */
final class AudioFramer implements Framer {
  private final FrameSyntax syntax;
  private final ByteBufAllocator allocator;
  private final Sink sink;
  private final Tally tally;
  private @Nullable ByteBuf held;
  private long heldPts = PesHeader.NO_TIME;
  private boolean inSync;

  AudioFramer(FrameSyntax syntax, ByteBufAllocator allocator, Sink sink, Tally tally) {
    this.syntax = syntax;
    this.allocator = allocator;
    this.sink = sink;
    this.tally = tally;
  }

  @Override
  public void packet(PesHeader header, boolean randomAccess, ByteBuf payload) {
    ByteBuf partial = held;
    if (partial == null) {
      frames(payload, payload.readerIndex(), header.pts(), PesHeader.NO_TIME);
      return;
    }
    held = null;
    try {
      int joint = partial.writerIndex();
      partial.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
      frames(partial, joint, header.pts(), heldPts);
    } finally {
      partial.release();
    }
  }

  /**
   * Emits the whole frames and keeps the rest.
   *
   * @param joint where the packet begins
   * @param pts of the first frame that begins at or behind it
   * @param pending time of a frame that begins before it
   */
  private void frames(ByteBuf in, int joint, long pts, long pending) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    long packetPts = pts;
    long earlierPts = pending;
    while (end - at >= syntax.headerSizeBytes()) {
      int sizeBytes = syntax.sizeBytes(in, at);
      if (sizeBytes == FrameSyntax.NOT_A_FRAME || (!inSync && !confirmed(in, at + sizeBytes))) {
        tally.damagedUnits += inSync ? 1 : 0;
        inSync = false;
        at++;
        continue;
      }
      if (end - at < sizeBytes) {
        break;
      }
      inSync = true;
      long time = at < joint ? earlierPts : packetPts;
      sink.accept(new TsAccessUnit(time, time, true, in.slice(at, sizeBytes)));
      earlierPts = PesHeader.NO_TIME;
      packetPts = at < joint ? packetPts : PesHeader.NO_TIME;
      at += sizeBytes;
    }
    if (at < end) {
      heldPts = at < joint ? earlierPts : packetPts;
      held = allocator.buffer(end - at).writeBytes(in, at, end - at);
    }
  }

  /** True unless the bytes behind a frame say that it is none. */
  private boolean confirmed(ByteBuf in, int next) {
    return in.writerIndex() - next < syntax.headerSizeBytes()
        || syntax.sizeBytes(in, next) != FrameSyntax.NOT_A_FRAME;
  }

  @Override
  public void cut(PesHeader header, boolean randomAccess, ByteBuf payload) {
    packet(header, randomAccess, payload);
  }

  @Override
  public void gap() {
    close();
    inSync = false;
  }

  @Override
  public int heldBytes() {
    return held == null ? 0 : held.readableBytes();
  }

  @Override
  public void close() {
    if (held != null) {
      held.release();
      held = null;
    }
  }
}
