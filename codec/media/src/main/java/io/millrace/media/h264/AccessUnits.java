package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.netty.buffer.ByteBuf;
import java.util.OptionalInt;

/**
 * Questions about a length-prefixed access unit. Every method borrows the buffer, leaves its
 * indices alone, and takes the {@code lengthSize} of the configuration record: 1, 2 or 4.
 */
public final class AccessUnits {
  private static final int DISPLAY_ORIENTATION = 47;

  /** No message that is read here comes near it; larger SEI units are left alone. */
  private static final int MAXIMUM_SEI_SIZE_BYTES = 4_096;

  private AccessUnits() {}

  /**
   * True when the unit holds a slice of an IDR picture (nal_unit_type 5).
   *
   * @throws MediaFormatException if the lengths do not tile the unit
   */
  public static boolean isIdr(ByteBuf accessUnit, int lengthSize) {
    boolean idr = false;
    NalUnits nals = NalUnits.lengthPrefixed(accessUnit, lengthSize);
    while (nals.next()) {
      idr |= nals.type() == NalUnits.IDR_SLICE;
    }
    return idr;
  }

  /**
   * Checks that the unit is not empty and that its length prefixes tile it exactly.
   *
   * @throws MediaFormatException malformed when they do not
   */
  public static void check(ByteBuf accessUnit, int lengthSize) {
    if (!accessUnit.isReadable()) {
      throw MediaFormatException.malformed("H.264 access unit: empty");
    }
    isIdr(accessUnit, lengthSize);
  }

  /**
   * The rotation that a display orientation SEI message asks for (ITU-T H.264 §D.1.27), in degrees
   * clockwise to the nearest quarter turn; empty where there is none. Mirroring along both axes is
   * half a turn; along one it has no equivalent and is left out.
   *
   * @throws MediaFormatException if the lengths do not tile the unit or the message ends early
   */
  public static OptionalInt displayRotation(ByteBuf accessUnit, int lengthSize) {
    NalUnits nals = NalUnits.lengthPrefixed(accessUnit, lengthSize);
    OptionalInt rotation = OptionalInt.empty();
    while (nals.next()) {
      if (nals.type() == NalUnits.SEI && nals.sizeBytes() <= MAXIMUM_SEI_SIZE_BYTES) {
        OptionalInt found = rotationInSei(EmulationPrevention.remove(nals.copy()));
        rotation = found.isPresent() ? found : rotation;
      }
    }
    return rotation;
  }

  /** sei_rbsp(), §7.3.2.3: messages of type and size in runs of 0xFF, up to the trailing bits. */
  private static OptionalInt rotationInSei(byte[] rbsp) {
    BitReader in = new BitReader("H.264 SEI", rbsp);
    in.skip(8);
    OptionalInt rotation = OptionalInt.empty();
    while (in.bitsLeft() > 16) {
      int type = number(in);
      int sizeBytes = number(in);
      if (sizeBytes > in.bitsLeft() / 8) {
        throw in.malformed(
            "message of " + sizeBytes + " bytes where " + in.bitsLeft() / 8 + " are");
      }
      if (type == DISPLAY_ORIENTATION) {
        int at = rbsp.length - (int) (in.bitsLeft() / 8);
        rotation = displayOrientation(new BitReader("display orientation", rbsp, at, sizeBytes));
      }
      in.skip(8L * sizeBytes);
    }
    return rotation;
  }

  private static OptionalInt displayOrientation(BitReader in) {
    if (in.flag()) { // display_orientation_cancel_flag
      return OptionalInt.of(0);
    }
    boolean halfTurn = in.bits(2) == 3; // hor_flip and ver_flip
    int anticlockwise = in.bits(16); // in 360/65536 degrees
    int quarters = ((anticlockwise + 0x2000) >> 14) & 3;
    return OptionalInt.of((360 - 90 * quarters + (halfTurn ? 180 : 0)) % 360);
  }

  private static int number(BitReader in) {
    int value = 0;
    int last;
    do {
      last = in.bits(8);
      value += last;
    } while (last == 0xFF);
    return value;
  }
}
