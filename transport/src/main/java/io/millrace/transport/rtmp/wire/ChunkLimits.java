package io.millrace.transport.rtmp.wire;

/**
 * What a {@link ChunkReader} may hold.
 *
 * @param maxMessageBytes longest announced message, at most 16777215
 * @param maxHeldBytes memory of all unfinished messages together
 */
public record ChunkLimits(int maxMessageBytes, int maxHeldBytes) {
  /** The longest message that the 24-bit length can say. */
  public static final int MAX_MESSAGE_BYTES = 0xFF_FFFF;

  public ChunkLimits {
    if (maxMessageBytes < 1 || maxMessageBytes > MAX_MESSAGE_BYTES || maxHeldBytes < 1) {
      throw new IllegalArgumentException(maxMessageBytes + ", " + maxHeldBytes);
    }
  }
}
