package io.millrace.transport.srt.flow;

/**
 * The ACKs sent of late, to be found by the number that an ACKACK repeats: the newest 1,024, which
 * at one every 10 ms is as long as the longest round trip.
 */
final class AckJournal {
  private static final int SLOTS = 1024;

  private final int[] numbers = new int[SLOTS];
  private final long[] positions = new long[SLOTS];
  private final long[] sentUs = new long[SLOTS];

  /** Numbers start at 1: 0 marks a light ACK and an empty slot here. */
  private int lastNumber;

  /** Notes an ACK for everything before {@code position} and returns its number, 1 or more. */
  int add(long position, long nowUs) {
    lastNumber = lastNumber == Integer.MAX_VALUE ? 1 : lastNumber + 1;
    int slot = lastNumber & (SLOTS - 1);
    numbers[slot] = lastNumber;
    positions[slot] = position;
    sentUs[slot] = nowUs;
    return lastNumber;
  }

  /** Whether no ACK with this number was ever sent. */
  boolean isUnknown(int number) {
    return number <= 0 || number > lastNumber;
  }

  /** Whether the number is of an ACK that was sent and not answered yet. */
  boolean isOpen(int number) {
    return number > 0 && numbers[number & (SLOTS - 1)] == number;
  }

  /** Of an open one. */
  long position(int number) {
    return positions[number & (SLOTS - 1)];
  }

  /** Of an open one. */
  long sentUs(int number) {
    return sentUs[number & (SLOTS - 1)];
  }

  /** Nothing answers twice: a repeated ACKACK would spoil the round trip time. */
  void close(int number) {
    numbers[number & (SLOTS - 1)] = 0;
  }
}
