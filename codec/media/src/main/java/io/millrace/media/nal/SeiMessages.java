package io.millrace.media.nal;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;

/**
 * A cursor over the messages of a supplemental enhancement information NAL unit (sei_rbsp(), ITU-T
 * H.264 §7.3.2.3, H.265 §7.3.2.4): type and size as runs of 0xFF and a last byte, then the payload.
 * Borrows the array; not thread-safe.
 */
public final class SeiMessages {
  /** No message that is read here comes near it; larger units may be left alone. */
  public static final int MAXIMUM_SIZE_BYTES = 4_096;

  private final String structure;
  private final byte[] rbsp;
  private final BitReader in;
  private int type;
  private int offset;
  private int sizeBytes;

  /**
   * @param codec for messages: "H.264"
   * @param rbsp the unit without emulation prevention
   * @param headerSizeBytes of the NAL unit: 1 for H.264, 2 for HEVC
   */
  public SeiMessages(String codec, byte[] rbsp, int headerSizeBytes) {
    this.structure = codec + " SEI";
    this.rbsp = rbsp;
    this.in = new BitReader(structure, rbsp);
    in.skip(8L * headerSizeBytes);
  }

  /**
   * Moves to the next message; false at the trailing bits.
   *
   * @throws MediaFormatException if it runs past the end of the unit
   */
  public boolean next() {
    if (in.bitsLeft() <= 16) {
      return false;
    }
    type = number();
    sizeBytes = number();
    if (sizeBytes > in.bitsLeft() / 8) {
      throw in.malformed("message of " + sizeBytes + " bytes where " + in.bitsLeft() / 8 + " are");
    }
    offset = rbsp.length - (int) (in.bitsLeft() / 8);
    in.skip(8L * sizeBytes);
    return true;
  }

  /** payloadType of the current message. */
  public int type() {
    return type;
  }

  /** A reader of the current message's payload. */
  public BitReader payload() {
    return new BitReader(structure, rbsp, offset, sizeBytes);
  }

  private int number() {
    int value = 0;
    int last;
    do {
      last = in.bits(8);
      value += last;
    } while (last == 0xFF);
    return value;
  }
}
