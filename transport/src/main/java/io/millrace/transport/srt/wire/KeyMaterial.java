package io.millrace.transport.srt.wire;

import java.util.Arrays;

/**
 * A keying material message: stream encrypting keys, wrapped (draft-sharabayko-srt-01 §3.2.2,
 * §6.1.5).
 *
 * <pre>
 *  |S|  V  |   PT  |             sign              |   resv1   | KK|
 *  |                              KEKI                             |
 *  |    cipher     |     auth      |      SE       |     resv2     |
 *  |             resv3             |    SLen/4     |    KLen/4     |
 *  |                              salt                             |
 *  |                   integrity check value, 64 bits              |
 *  |                 even key, odd key, or the one of KK           |
 * </pre>
 *
 * @param keyFlags {@link SrtPacket#KEY_EVEN}, {@code KEY_ODD} or {@code KEY_BOTH}
 * @param salt 16 bytes
 * @param keyBytes 16, 24 or 32
 * @param wrapped the keys as RFC 3394 wraps them: 8 bytes longer than they are
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record KeyMaterial(int keyFlags, byte[] salt, int keyBytes, byte[] wrapped) {
  public static final int SALT_BYTES = 16;
  public static final int MAX_KEY_BYTES = 32;
  public static final int WRAP_BYTES = 8;
  public static final int MAX_BYTES = 16 + SALT_BYTES + 2 * MAX_KEY_BYTES + WRAP_BYTES;

  private static final int HEADER_BYTES = 16;
  private static final byte VERSION_AND_TYPE = 0x12;
  private static final byte SIGN_HIGH = 0x20;
  private static final byte SIGN_LOW = 0x29;
  private static final byte CIPHER_AES_CTR = 2;
  private static final byte ENCAPSULATION_SRT = 2;

  /** Keys in the message: 1 or 2. */
  public int keyCount() {
    return Integer.bitCount(keyFlags);
  }

  /**
   * Reads a message.
   *
   * @throws HandshakeException when it is not one, or of a cipher other than AES-CTR
   */
  public static KeyMaterial parse(byte[] message) throws HandshakeException {
    if (message.length <= HEADER_BYTES) {
      throw HandshakeException.rogue("keying material too short");
    }
    int keyFlags = message[3] & SrtPacket.KEY_BOTH;
    int saltBytes = (message[14] & 0xFF) * 4;
    int keyBytes = (message[15] & 0xFF) * 4;
    if (message[0] != VERSION_AND_TYPE
        || message[1] != SIGN_HIGH
        || message[2] != SIGN_LOW
        || keyFlags == 0
        || message[10] != ENCAPSULATION_SRT
        || saltBytes != SALT_BYTES
        || (keyBytes != 16 && keyBytes != 24 && keyBytes != MAX_KEY_BYTES)) {
      throw HandshakeException.rogue("keying material malformed");
    }
    if (message[8] != CIPHER_AES_CTR || message[9] != 0) {
      throw new HandshakeException(RejectCode.CRYPTO, "cipher is not AES-CTR");
    }
    int wrappedBytes = Integer.bitCount(keyFlags) * keyBytes + WRAP_BYTES;
    if (message.length != HEADER_BYTES + SALT_BYTES + wrappedBytes) {
      throw HandshakeException.rogue("keying material of a wrong length");
    }
    return new KeyMaterial(
        keyFlags,
        Arrays.copyOfRange(message, HEADER_BYTES, HEADER_BYTES + SALT_BYTES),
        keyBytes,
        Arrays.copyOfRange(message, HEADER_BYTES + SALT_BYTES, message.length));
  }

  /** The message's bytes. */
  public byte[] toBytes() {
    byte[] message = new byte[HEADER_BYTES + SALT_BYTES + wrapped.length];
    message[0] = VERSION_AND_TYPE;
    message[1] = SIGN_HIGH;
    message[2] = SIGN_LOW;
    message[3] = (byte) keyFlags;
    message[8] = CIPHER_AES_CTR;
    message[10] = ENCAPSULATION_SRT;
    message[14] = SALT_BYTES / 4;
    message[15] = (byte) (keyBytes / 4);
    System.arraycopy(salt, 0, message, HEADER_BYTES, SALT_BYTES);
    System.arraycopy(wrapped, 0, message, HEADER_BYTES + SALT_BYTES, wrapped.length);
    return message;
  }

  /** Without a key. */
  @Override
  public String toString() {
    return "KeyMaterial[keys=%d, AES-%d]".formatted(keyCount(), keyBytes * 8);
  }
}
