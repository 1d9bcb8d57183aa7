package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.millrace.media.h264.NalUnits;
import io.millrace.media.h264.SequenceParameterSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Access units of H.264 or HEVC (ISO/IEC 13818-1 §2.14, §2.17).
 *
 * <p>Nearly every encoder puts one unit into one PES packet. Then the packet's end is the unit's
 * end, and it is passed on at once, without a copy. The standard allows more: a packet may hold
 * several units or the tail of one. A stream is believed to be of the plain kind once a few packets
 * have been; until then, and for good when it turns out not to be, the last unit of a packet is
 * held until the next packet shows where it ends.
 *
 * <p>The two fields of an interlaced picture are access units of their own in H.264 and one sample
 * here: such a stream is not split inside a packet.
 */
final class VideoFramer implements Framer {
  private static final int PLAIN_PACKETS_TO_BELIEVE = 4;

  /** As much of a NAL unit as {@link NalSyntax#role} looks at. */
  private static final int LOOKED_AT_BYTES = 3;

  private final NalSyntax syntax;
  private final ByteBufAllocator allocator;
  private final int maximumBytes;
  private final Sink sink;
  private final Tally tally;

  private int plainPackets;
  private boolean mixed;
  private boolean interlaced;

  /** The unit that may go on in the next packet; empty or absent without. */
  private @Nullable ByteBuf held;

  private boolean heldHasSlice;
  private int scanFrom;
  private long heldPts;
  private long heldDts;
  private boolean heldRandomAccess;

  VideoFramer(
      NalSyntax syntax, ByteBufAllocator allocator, int maximumBytes, Sink sink, Tally tally) {
    this.syntax = syntax;
    this.allocator = allocator;
    this.maximumBytes = maximumBytes;
    this.sink = sink;
    this.tally = tally;
  }

  @Override
  public void packet(PesHeader header, boolean randomAccess, ByteBuf payload) {
    if (!payload.isReadable()) {
      return;
    }
    boolean holding = heldBytes() > 0;
    if (begins(payload, holding)) {
      plainPackets += mixed ? 0 : 1;
      emitHeld();
      whole(header, randomAccess, payload);
    } else {
      mixed = true;
      if (holding) {
        continued(header, randomAccess, payload);
      } else {
        tailOfNothing(header, randomAccess, payload);
      }
    }
  }

  /** True when an access unit begins with the payload's first byte. */
  private boolean begins(ByteBuf payload, boolean holding) {
    int at = payload.readerIndex();
    int end = payload.writerIndex();
    int zeros = 0;
    while (at < end && payload.getByte(at) == 0) {
      at++;
      zeros++;
    }
    if (zeros < 2 || at + 1 >= end || payload.getByte(at) != 1) {
      return false;
    }
    NalSyntax.Role role = syntax.role(payload, at + 1, end - at - 1);
    return role.begins() && (!holding || heldHasSlice || role == NalSyntax.Role.DELIMITER);
  }

  /** A packet that begins with a unit. */
  private void whole(PesHeader header, boolean randomAccess, ByteBuf payload) {
    heldPts = header.pts();
    heldDts = header.dts();
    heldRandomAccess = randomAccess;
    heldHasSlice = false;
    int start = split(payload, payload.readerIndex(), payload.readerIndex(), null);
    scanFrom -= start;
    ByteBuf last = payload.slice(start, payload.writerIndex() - start);
    if (!mixed && plainPackets >= PLAIN_PACKETS_TO_BELIEVE) {
      emit(last);
    } else {
      hold(last);
    }
  }

  /** A packet that begins inside the unit in hand. */
  private void continued(PesHeader header, boolean randomAccess, ByteBuf payload) {
    ByteBuf buffer = buffer();
    int joint = buffer.writerIndex();
    if (joint + payload.readableBytes() > maximumBytes) {
      tally.oversizedUnits++;
      gap();
      return;
    }
    buffer.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
    Times times = new Times(joint, header.pts(), header.dts(), randomAccess);
    int start = split(buffer, 0, scanFrom, times);
    buffer.readerIndex(start).discardReadBytes();
    scanFrom -= start;
  }

  /** The rest of a unit that was lost, or that was taken for whole. */
  private void tailOfNothing(PesHeader header, boolean randomAccess, ByteBuf payload) {
    NalUnits nals = NalUnits.annexB(payload);
    while (nals.next()) {
      if (syntax.role(payload, nals.offset(), nals.sizeBytes()).begins()) {
        int start = startCode(payload, nals.offset(), payload.readerIndex());
        whole(header, randomAccess, payload.slice(start, payload.writerIndex() - start));
        return;
      }
    }
  }

  /** The times of the first unit that begins at or behind {@code joint}. */
  private record Times(int joint, long pts, long dts, boolean randomAccess) {}

  /**
   * Emits every unit from {@code start} on but the last, and sets {@link #scanFrom} to where the
   * search goes on when more is appended.
   *
   * @param times of the packet that was appended; null when the unit in hand has them already
   * @return where the last one starts
   */
  private int split(ByteBuf in, int start, int from, @Nullable Times times) {
    int unitStart = start;
    Times open = times;
    NalUnits nals = NalUnits.annexB(in.slice(from, in.writerIndex() - from));
    int end = in.writerIndex();
    scanFrom = Math.max(from, end - 3);
    while (nals.next()) {
      int offset = from + nals.offset();
      if (end - offset < LOOKED_AT_BYTES) {
        scanFrom = startCode(in, offset, unitStart);
        break;
      }
      NalSyntax.Role role = syntax.role(in, offset, nals.sizeBytes());
      int begin = startCode(in, offset, unitStart);
      boolean fresh = heldHasSlice && role.begins() && begin > unitStart;
      if (fresh && interlaced && (open == null || begin < open.joint)) {
        fresh = false; // the second field
      }
      if (fresh) {
        emit(in.slice(unitStart, begin - unitStart));
        unitStart = begin;
        heldHasSlice = false;
        if (open != null && offset >= open.joint) {
          heldPts = open.pts;
          heldDts = open.dts;
          heldRandomAccess = open.randomAccess;
          open = null;
        } else {
          heldPts = PesHeader.NO_TIME;
          heldDts = PesHeader.NO_TIME;
          heldRandomAccess = false;
        }
      }
      heldHasSlice |= role.isSlice();
      if (syntax == NalSyntax.H264 && (in.getByte(offset) & 0x1F) == NalUnits.SPS) {
        readScan(in, offset, nals.sizeBytes());
      }
    }
    return unitStart;
  }

  private void readScan(ByteBuf in, int offset, int sizeBytes) {
    byte[] unit = new byte[Math.min(sizeBytes, 0xFFFF)];
    in.getBytes(offset, unit);
    try {
      interlaced = !SequenceParameterSet.parse(unit).progressive();
    } catch (MediaFormatException _) {
      // whoever makes the configuration of it says what is wrong
    }
  }

  /** Index of the start code before a NAL unit, its zero_byte included. */
  private static int startCode(ByteBuf in, int offset, int floor) {
    int start = Math.max(floor, offset - 3);
    return start > floor && in.getByte(start - 1) == 0 ? start - 1 : start;
  }

  private void hold(ByteBuf unit) {
    ByteBuf buffer = buffer();
    buffer.clear();
    buffer.writeBytes(unit, unit.readerIndex(), unit.readableBytes());
  }

  private void emitHeld() {
    ByteBuf buffer = held;
    if (buffer == null || !buffer.isReadable()) {
      return;
    }
    held = null;
    try {
      emit(buffer);
    } finally {
      buffer.release();
    }
  }

  private void emit(ByteBuf unit) {
    sink.accept(new TsAccessUnit(heldPts, heldDts, heldRandomAccess, unit.slice()));
  }

  @Override
  public void gap() {
    if (heldBytes() > 0) {
      tally.damagedUnits++;
      buffer().clear();
    }
  }

  @Override
  public void flush() {
    emitHeld();
  }

  @Override
  public int heldBytes() {
    return held == null ? 0 : held.readableBytes();
  }

  private ByteBuf buffer() {
    ByteBuf buffer = held;
    if (buffer == null) {
      buffer = allocator.buffer(16 << 10);
      held = buffer;
    }
    return buffer;
  }

  @Override
  public void close() {
    if (held != null) {
      held.release();
      held = null;
    }
  }
}
