package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Sections out of the packets of one PID (ISO/IEC 13818-1 §2.4.4.1): a packet in which a section
 * starts has a pointer to the first one that does; sections follow each other until 0xFF.
 *
 * <p>Holds at most one section. Not thread-safe.
 */
final class SectionAssembler {
  private static final int STUFFING_TABLE_ID = 0xFF;

  /** Takes whole sections with their CRC checked. */
  @FunctionalInterface
  interface Sink {
    /** Borrows {@code section}. */
    void accept(ByteBuf section);
  }

  private final Sink sink;
  private final Tally tally;
  private final Continuity continuity = new Continuity();
  private final ByteBuf held = Unpooled.buffer(512, Section.MAXIMUM_SIZE_BYTES);
  private boolean assembling;

  SectionAssembler(Tally tally, Sink sink) {
    this.sink = sink;
    this.tally = tally;
  }

  /** Takes the next packet of the PID; borrows it. */
  void accept(TsPacket packet) {
    if (!packet.hasPayload() || packet.scrambled()) {
      return;
    }
    switch (continuity.next(packet)) {
      case NEXT, RESTARTED -> {}
      case DUPLICATE -> {
        tally.duplicates++;
        return;
      }
      case BROKEN -> {
        tally.continuityErrors++;
        drop();
      }
    }
    ByteBuf in = packet.buffer();
    int at = packet.payloadIndex();
    int end = at + packet.payloadSizeBytes();
    if (at == end) {
      return;
    }
    if (!packet.unitStart()) {
      gather(in, at, end);
      return;
    }
    int first = at + 1 + in.getUnsignedByte(at);
    if (first > end) {
      tally.sectionErrors++;
      drop();
      return;
    }
    gather(in, at + 1, first);
    drop();
    while (first < end && in.getUnsignedByte(first) != STUFFING_TABLE_ID) {
      assembling = true;
      first = gather(in, first, end);
    }
  }

  private void drop() {
    if (assembling) {
      tally.sectionErrors++;
    }
    assembling = false;
    held.clear();
  }

  /** Adds to the section in hand what belongs to it; returns the index behind that. */
  private int gather(ByteBuf in, int from, int end) {
    int at = from;
    if (!assembling) {
      return end;
    }
    if (held.readableBytes() < Section.LENGTH_END_BYTES) {
      int taken = Math.min(Section.LENGTH_END_BYTES - held.readableBytes(), end - at);
      held.writeBytes(in, at, taken);
      at += taken;
      if (held.readableBytes() < Section.LENGTH_END_BYTES) {
        return at;
      }
      if (Section.sizeBytes(held, 0) > Section.MAXIMUM_SIZE_BYTES) {
        drop();
        return end;
      }
    }
    int taken = Math.min(Section.sizeBytes(held, 0) - held.readableBytes(), end - at);
    held.writeBytes(in, at, taken);
    if (held.readableBytes() == Section.sizeBytes(held, 0)) {
      finish();
    }
    return at + taken;
  }

  private void finish() {
    assembling = false;
    if (Section.intact(held)) {
      sink.accept(held);
    } else {
      tally.sectionErrors++;
    }
    held.clear();
  }
}
