package io.millrace.transport.srt.flow;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The packets that were given to be sent and are not acknowledged.
 *
 * <pre>
 *    head                      next                     end          head + window
 *     │  s   s   L   s   s   L  │  new  new  new  new    │                │
 *     oldest held               not sent yet             one after the newest
 *
 *   s  sent, waiting for its acknowledgement      L  reported as lost, to be sent again
 * </pre>
 *
 * <p>Slots are arrays in a ring, which doubles as it fills up to the window. Owns one reference to
 * each packet.
 */
final class SendBuffer {
  private static final int INITIAL_SLOTS = 256;

  private final int window;
  private final int maxHeldBytes;

  private @Nullable ByteBuf[] packets;
  private long[] originsUs;
  private long[] sentUs;
  private boolean[] again;
  private PositionBits lost;
  private int mask;

  private long head;
  private long next;
  private long end;
  private int heldBytes;
  private int unsentBytes;
  private long firstLost = Long.MAX_VALUE;

  /**
   * @param windowPackets rounded up to a power of two
   */
  SendBuffer(int windowPackets, int maxHeldBytes) {
    this.window = Math.max(64, Integer.highestOneBit(windowPackets - 1) << 1);
    this.maxHeldBytes = maxHeldBytes;
    int slots = Math.min(INITIAL_SLOTS, window);
    packets = new ByteBuf[slots];
    originsUs = new long[slots];
    sentUs = new long[slots];
    again = new boolean[slots];
    lost = new PositionBits(slots);
    mask = slots - 1;
  }

  long head() {
    return head;
  }

  long next() {
    return next;
  }

  long end() {
    return end;
  }

  int heldBytes() {
    return heldBytes;
  }

  int unsentBytes() {
    return unsentBytes;
  }

  /** Whether a packet of {@code bytes} may be added. */
  boolean hasRoom(int bytes) {
    return end - head < window && bytes <= maxHeldBytes - heldBytes;
  }

  /** Adds a packet at {@link #end}. Takes it; there must be room. */
  void add(ByteBuf packet, long originUs) {
    if (end - head == packets.length) {
      grow(2 * packets.length);
    }
    int slot = slot(end);
    packets[slot] = packet;
    originsUs[slot] = originUs;
    sentUs[slot] = 0;
    again[slot] = false;
    lost.clear(end);
    end++;
    heldBytes += packet.readableBytes();
    unsentBytes += packet.readableBytes();
  }

  /** Of a held position. Borrowed. */
  ByteBuf packet(long position) {
    return Objects.requireNonNull(packets[slot(position)]);
  }

  /** When it was given to be sent. */
  long originUs(long position) {
    return originsUs[slot(position)];
  }

  /** When it was sent last. */
  long sentUs(long position) {
    return sentUs[slot(position)];
  }

  boolean wasSentAgain(long position) {
    return again[slot(position)];
  }

  /** Notes that {@link #next} is sent. */
  void sentNext(long nowUs) {
    sentUs[slot(next)] = nowUs;
    unsentBytes -= packet(next).readableBytes();
    next++;
  }

  /** Notes that a packet is sent again. */
  void sentAgain(long position, long nowUs) {
    int slot = slot(position);
    sentUs[slot] = nowUs;
    again[slot] = true;
    lost.clear(position);
  }

  /** Has a sent packet sent again. */
  void markLost(long position) {
    lost.set(position);
    firstLost = Math.min(firstLost, position);
  }

  void clearLost(long position) {
    lost.clear(position);
  }

  /** The oldest packet to be sent again, or {@link #next} when there is none. */
  long nextLost() {
    if (firstLost >= next) {
      return next;
    }
    long found = lost.nextSet(Math.max(firstLost, head), next);
    firstLost = found == next ? Long.MAX_VALUE : found;
    return found;
  }

  /** Releases the head. */
  void removeHead() {
    if (head == next) {
      unsentBytes -= packet(head).readableBytes();
      next++;
    }
    int slot = slot(head);
    ByteBuf packet = packet(head);
    packets[slot] = null;
    lost.clear(head);
    heldBytes -= packet.readableBytes();
    head++;
    packet.release();
  }

  /** Releases everything. */
  void release() {
    while (head < end) {
      removeHead();
    }
  }

  private int slot(long position) {
    return (int) position & mask;
  }

  private void grow(int slots) {
    int newMask = slots - 1;
    @Nullable ByteBuf[] newPackets = new ByteBuf[slots];
    long[] newOriginsUs = new long[slots];
    long[] newSentUs = new long[slots];
    boolean[] newAgain = new boolean[slots];
    PositionBits newLost = new PositionBits(slots);
    for (long p = head; p < end; p++) {
      int from = slot(p);
      int to = (int) p & newMask;
      newPackets[to] = packets[from];
      newOriginsUs[to] = originsUs[from];
      newSentUs[to] = sentUs[from];
      newAgain[to] = again[from];
      if (lost.get(p)) {
        newLost.set(p);
      }
    }
    packets = newPackets;
    originsUs = newOriginsUs;
    sentUs = newSentUs;
    again = newAgain;
    lost = newLost;
    mask = newMask;
  }
}
