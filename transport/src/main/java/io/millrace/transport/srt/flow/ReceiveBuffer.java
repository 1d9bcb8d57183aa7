package io.millrace.transport.srt.flow;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The packets between the one to be delivered next and the newest received.
 *
 * <pre>
 *     head           contiguous                        end          head + window
 *      │ #  #  #  x  #  │  .  .  #  #  x  .  .  #  #  # │               │
 *      next to be       first                           after the      never stored
 *      delivered        missing                         newest
 *
 *   #  held      x  settled without a packet: given up, not to be decrypted      .  missing
 * </pre>
 *
 * <p>Slots are preallocated arrays in a ring, which doubles as it fills up to the window; nothing
 * is allocated for a packet. Owns the packets that it holds.
 */
final class ReceiveBuffer {
  private static final int INITIAL_SLOTS = 256;

  private final int window;
  private final int maxHeldBytes;

  private @Nullable ByteBuf[] packets;
  private long[] timestampsUs;
  private long[] reportDueUs;
  private byte[] reports;
  private PositionBits settled;
  private int mask;

  private long head;
  private long contiguous;
  private long end;
  private int held;
  private int heldBytes;

  /**
   * @param windowPackets rounded up to a power of two
   */
  ReceiveBuffer(int windowPackets, int maxHeldBytes) {
    this.window = Math.max(64, Integer.highestOneBit(windowPackets - 1) << 1);
    this.maxHeldBytes = maxHeldBytes;
    int slots = Math.min(INITIAL_SLOTS, window);
    packets = new ByteBuf[slots];
    timestampsUs = new long[slots];
    reportDueUs = new long[slots];
    reports = new byte[slots];
    settled = new PositionBits(slots);
    mask = slots - 1;
  }

  long head() {
    return head;
  }

  /** The first missing position, or {@link #end}: what an ACK acknowledges. */
  long contiguous() {
    return contiguous;
  }

  long end() {
    return end;
  }

  int held() {
    return held;
  }

  int heldBytes() {
    return heldBytes;
  }

  /** Packets that may still come behind the acknowledged ones. */
  int free() {
    return (int) (window - (contiguous - head));
  }

  boolean isInWindow(long position) {
    return position >= head && position < head + window;
  }

  boolean isSettled(long position) {
    return settled.get(position);
  }

  /**
   * Moves the end behind {@code position}: what is in between is missing.
   *
   * @param position in the window
   * @param reportDueUs when the new losses are to be reported
   * @return how many are newly missing, {@code position} itself not counted
   */
  int extendTo(long position, long reportDueUs) {
    if (position < end) {
      return 0;
    }
    ensureSlots(position + 1 - head);
    int missing = (int) (position - end);
    for (long p = end; p <= position; p++) {
      int slot = slot(p);
      settled.clear(p);
      this.reportDueUs[slot] = reportDueUs;
      reports[slot] = 0;
    }
    end = position + 1;
    return missing;
  }

  /**
   * Holds a packet. Takes it if the answer is true, borrows it otherwise.
   *
   * @param position missing, between head and end: {@link #extendTo} comes first
   * @return false when there is no room in bytes
   */
  boolean store(long position, ByteBuf packet, long timestampUs) {
    int bytes = packet.readableBytes();
    if (bytes > maxHeldBytes - heldBytes) {
      return false;
    }
    int slot = slot(position);
    packets[slot] = packet;
    timestampsUs[slot] = timestampUs;
    held++;
    heldBytes += bytes;
    settle(position);
    return true;
  }

  /** Expects no packet at {@code position} any more. */
  void giveUp(long position) {
    if (!settled.get(position)) {
      settle(position);
    }
  }

  private void settle(long position) {
    settled.set(position);
    if (position == contiguous) {
      contiguous = settled.nextClear(position, end);
    }
  }

  long nextMissing(long from) {
    return settled.nextClear(from, end);
  }

  long nextSettled(long from) {
    return settled.nextSet(from, end);
  }

  /** The first held position of {@code from} and up, or {@link #end}. */
  long nextHeld(long from) {
    long position = settled.nextSet(from, end);
    while (position < end && packets[slot(position)] == null) {
      position = settled.nextSet(position + 1, end);
    }
    return position;
  }

  boolean isHeld(long position) {
    return packets[slot(position)] != null;
  }

  /** Of a held position: the peer's time, without wraps. */
  long timestampUs(long position) {
    return timestampsUs[slot(position)];
  }

  /** Of a missing position. */
  long reportDueUs(long position) {
    return reportDueUs[slot(position)];
  }

  /** Of a missing position: how often it was reported in the current round. */
  int reports(long position) {
    return reports[slot(position)];
  }

  /** Of a missing position. */
  void reported(long position, int reports, long nextDueUs) {
    int slot = slot(position);
    this.reports[slot] = (byte) reports;
    reportDueUs[slot] = nextDueUs;
  }

  /** Removes the head, which is held. The caller owns the packet from here on. */
  ByteBuf poll() {
    int slot = slot(head);
    ByteBuf packet = Objects.requireNonNull(packets[slot]);
    packets[slot] = null;
    held--;
    heldBytes -= packet.readableBytes();
    head++;
    return packet;
  }

  /** Passes over the head, which is not held. */
  void skip() {
    head++;
    if (contiguous < head) {
      contiguous = settled.nextClear(head, end);
    }
  }

  /** Starts again at {@code position}, behind the end, holding nothing. */
  void restartAt(long position) {
    release();
    head = position;
    contiguous = position;
    end = position;
  }

  /** Releases everything. */
  void release() {
    for (long p = nextHeld(head); p < end; p = nextHeld(p + 1)) {
      ByteBuf packet = packets[slot(p)];
      packets[slot(p)] = null;
      if (packet != null) {
        packet.release();
      }
    }
    held = 0;
    heldBytes = 0;
    head = end;
    contiguous = end;
  }

  private int slot(long position) {
    return (int) position & mask;
  }

  private void ensureSlots(long needed) {
    if (needed > packets.length) {
      grow(Math.toIntExact(Long.highestOneBit(needed - 1) << 1));
    }
  }

  private void grow(int slots) {
    int newMask = slots - 1;
    @Nullable ByteBuf[] newPackets = new ByteBuf[slots];
    long[] newTimestampsUs = new long[slots];
    long[] newReportDueUs = new long[slots];
    byte[] newReports = new byte[slots];
    PositionBits newSettled = new PositionBits(slots);
    for (long p = head; p < end; p++) {
      int from = slot(p);
      int to = (int) p & newMask;
      newPackets[to] = packets[from];
      newTimestampsUs[to] = timestampsUs[from];
      newReportDueUs[to] = reportDueUs[from];
      newReports[to] = reports[from];
      if (settled.get(p)) {
        newSettled.set(p);
      }
    }
    packets = newPackets;
    timestampsUs = newTimestampsUs;
    reportDueUs = newReportDueUs;
    reports = newReports;
    settled = newSettled;
    mask = newMask;
  }
}
