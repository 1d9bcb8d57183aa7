package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * PES packets out of the transport packets of one PID (ISO/IEC 13818-1 §2.4.3.6–7). A packet with a
 * gap in it is not delivered; its beginning is, for those who can use it.
 *
 * <p>Holds one PES packet at most, within its own limit and the session's. Not thread-safe.
 */
final class PesReader {
  /** A buffer that has grown beyond this is not kept for the next packet. */
  private static final int KEPT_CAPACITY_BYTES = 1 << 20;

  /** Scrambled packets in a row that are no damage in transit. */
  private static final int SCRAMBLED_RUN = 64;

  /** What happens on this PID beside packets. */
  interface Events {
    /** Something was lost or dropped, a random access point perhaps. */
    void lost(boolean randomAccess);

    /** The stream is encrypted. */
    void scrambled();

    /** True when {@code sizeBytes} more may be held by the session. */
    boolean mayHold(int sizeBytes);
  }

  private final ByteBufAllocator allocator;
  private final int maximumBytes;
  private final Framer framer;
  private final Events events;
  private final Tally tally;
  private final Continuity continuity = new Continuity();
  private @Nullable ByteBuf held;
  private boolean collecting;
  private boolean randomAccess;
  private @Nullable PesHeader header;
  private int scrambledRun;

  PesReader(
      ByteBufAllocator allocator, int maximumBytes, Framer framer, Events events, Tally tally) {
    this.allocator = allocator;
    this.maximumBytes = maximumBytes;
    this.framer = framer;
    this.events = events;
    this.tally = tally;
  }

  /** Takes the next packet of the PID; borrows it. */
  void accept(TsPacket packet) {
    if (!packet.hasPayload()) {
      return;
    }
    switch (continuity.next(packet)) {
      case NEXT -> {}
      case DUPLICATE -> {
        tally.duplicates++;
        return;
      }
      case RESTARTED -> {
        if (!packet.unitStart()) {
          damaged();
        }
      }
      case BROKEN -> {
        tally.continuityErrors++;
        damaged();
      }
    }
    if (packet.scrambled()) {
      scrambled();
      return;
    }
    scrambledRun = 0;
    if (packet.unitStart()) {
      end();
      collecting = true;
      randomAccess = packet.randomAccess();
    }
    if (collecting) {
      gather(packet);
    }
  }

  private void scrambled() {
    tally.scrambledPackets++;
    if (collecting) {
      damaged();
    }
    if (++scrambledRun == SCRAMBLED_RUN) {
      events.scrambled();
    }
  }

  private void gather(TsPacket packet) {
    ByteBuf buffer = buffer();
    int sizeBytes = packet.payloadSizeBytes();
    if (buffer.readableBytes() + sizeBytes > maximumBytes || !events.mayHold(sizeBytes)) {
      tally.oversizedUnits++;
      drop();
      return;
    }
    buffer.writeBytes(packet.buffer(), packet.payloadIndex(), sizeBytes);
    if (header == null && !readHeader(buffer)) {
      return;
    }
    PesHeader read = header;
    if (read != null
        && read.packetSizeBytes() > 0
        && buffer.readableBytes() >= read.packetSizeBytes()) {
      deliver(read, buffer, read.packetSizeBytes());
    }
  }

  private boolean readHeader(ByteBuf buffer) {
    int sizeBytes = PesHeader.sizeBytes(buffer, 0, buffer.readableBytes());
    if (sizeBytes == PesHeader.INCOMPLETE) {
      return false;
    }
    header = sizeBytes == PesHeader.NOT_PES ? null : PesHeader.parse(buffer, 0);
    if (header == null) {
      tally.damagedUnits++;
      drop();
      return false;
    }
    if (header.scrambled()) {
      scrambled();
      return false;
    }
    return true;
  }

  /** What is in hand ends where a packet begins, or at the end of the stream. */
  private void end() {
    PesHeader read = header;
    if (!collecting) {
      return;
    }
    if (read == null || read.packetSizeBytes() > 0) {
      damaged(); // shorter than it says
    } else {
      deliver(read, buffer(), buffer().readableBytes());
    }
  }

  /** The stream is over: an unbounded packet ends here. */
  void flush() {
    PesHeader read = header;
    if (collecting && read != null && read.packetSizeBytes() == 0) {
      deliver(read, buffer(), buffer().readableBytes());
    }
    framer.flush();
  }

  private void deliver(PesHeader read, ByteBuf buffer, int sizeBytes) {
    reset();
    try {
      if (read.carriesMedia()) {
        framer.packet(
            read, randomAccess, buffer.slice(read.sizeBytes(), sizeBytes - read.sizeBytes()));
      }
    } finally {
      recycle();
    }
  }

  private void damaged() {
    PesHeader read = header;
    if (collecting) {
      tally.damagedUnits++;
    }
    if (collecting && read != null) {
      ByteBuf buffer = buffer();
      reset();
      framer.cut(
          read,
          randomAccess,
          buffer.slice(read.sizeBytes(), buffer.readableBytes() - read.sizeBytes()));
    }
    drop();
  }

  private void drop() {
    reset();
    recycle();
    framer.gap();
    events.lost(randomAccess);
    randomAccess = false;
  }

  private void reset() {
    collecting = false;
    header = null;
  }

  private ByteBuf buffer() {
    ByteBuf buffer = held;
    if (buffer == null) {
      buffer = allocator.buffer(16 << 10);
      held = buffer;
    }
    return buffer;
  }

  private void recycle() {
    ByteBuf buffer = held;
    if (buffer == null) {
      return;
    }
    if (buffer.capacity() > KEPT_CAPACITY_BYTES) {
      buffer.release();
      held = null;
    } else {
      buffer.clear();
    }
  }

  int heldBytes() {
    return (held == null ? 0 : held.readableBytes()) + framer.heldBytes();
  }

  void close() {
    reset();
    if (held != null) {
      held.release();
      held = null;
    }
    framer.close();
  }
}
