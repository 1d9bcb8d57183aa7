package io.millrace.media.caption;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The captions of one picture: cc_data() of ANSI/CTA-708-E §4.4, in what ITU-T T.35 registers.
 *
 * <pre>
 *  8 country 0xB5 | 16 provider 0x0031 | 32 'GA94' | 8 user_data_type_code 3        ATSC A/53-4 §6.2.3
 *  1 reserved | 1 process_cc_data | 1 zero | 5 cc_count | 8 reserved
 *  cc_count × { 5 ones | 1 cc_valid | 2 cc_type | 8 cc_data_1 | 8 cc_data_2 }
 *  8 marker 0xFF
 * </pre>
 *
 * <p>Captions are passed around as their triplets: three bytes for each construct, in order. Arrays
 * are shared and read-only.
 */
public final class CaptionData {
  /** Of one construct. */
  public static final int TRIPLET_BYTES = 3;

  /** cc_count has five bits. */
  public static final int MAX_TRIPLETS = 31;

  private static final byte[] HEAD = {(byte) 0xB5, 0x00, 0x31, 'G', 'A', '9', '4', 0x03};
  private static final int COUNT_INDEX = HEAD.length;
  private static final int TRIPLETS_INDEX = HEAD.length + 2;
  private static final int PROCESS_CC_DATA = 0x40;

  private CaptionData() {}

  /**
   * The triplets of a T.35 message; null when it is another message, broken, or without any.
   *
   * @param message from the country code on
   */
  public static byte @Nullable [] fromT35(byte[] message) {
    if (message.length < TRIPLETS_INDEX
        || !Arrays.equals(message, 0, HEAD.length, HEAD, 0, HEAD.length)
        || (message[COUNT_INDEX] & PROCESS_CC_DATA) == 0) {
      return null;
    }
    int sizeBytes = TRIPLET_BYTES * (message[COUNT_INDEX] & 0x1F);
    return sizeBytes == 0 || sizeBytes > message.length - TRIPLETS_INDEX
        ? null
        : Arrays.copyOfRange(message, TRIPLETS_INDEX, TRIPLETS_INDEX + sizeBytes);
  }

  /** A T.35 message from the country code on; of too many triplets the last ones are left out. */
  public static byte[] toT35(byte[] triplets) {
    int count = Math.min(MAX_TRIPLETS, triplets.length / TRIPLET_BYTES);
    byte[] message = Arrays.copyOf(HEAD, TRIPLETS_INDEX + TRIPLET_BYTES * count + 1);
    message[COUNT_INDEX] = (byte) (0x80 | PROCESS_CC_DATA | count);
    message[COUNT_INDEX + 1] = (byte) 0xFF;
    System.arraycopy(triplets, 0, message, TRIPLETS_INDEX, TRIPLET_BYTES * count);
    message[message.length - 1] = (byte) 0xFF;
    return message;
  }

  /**
   * The captions of two pictures for one that is shown in their place. Where they are too many for
   * one, padding goes first: constructs that are not valid, and pairs of CEA-608 that say nothing.
   */
  public static byte @Nullable [] join(byte @Nullable [] first, byte @Nullable [] second) {
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both.length <= TRIPLET_BYTES * MAX_TRIPLETS ? both : withoutPadding(both);
  }

  private static byte[] withoutPadding(byte[] triplets) {
    byte[] kept = new byte[triplets.length];
    int size = 0;
    for (int i = 0; i + TRIPLET_BYTES <= triplets.length; i += TRIPLET_BYTES) {
      if (saysSomething(triplets, i)) {
        System.arraycopy(triplets, i, kept, size, TRIPLET_BYTES);
        size += TRIPLET_BYTES;
      }
    }
    return Arrays.copyOf(kept, Math.min(size, TRIPLET_BYTES * MAX_TRIPLETS));
  }

  /** False for a construct without content. */
  static boolean saysSomething(byte[] triplets, int index) {
    boolean valid = (triplets[index] & 0x04) != 0;
    boolean line21 = (triplets[index] & 0x02) == 0;
    boolean blank = (triplets[index + 1] & 0x7F) == 0 && (triplets[index + 2] & 0x7F) == 0;
    return valid && !(line21 && blank);
  }
}
