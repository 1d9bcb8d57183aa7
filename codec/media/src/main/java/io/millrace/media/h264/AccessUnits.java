package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.nal.DisplaySei;
import io.millrace.media.nal.EmulationPrevention;
import io.millrace.media.nal.SeiMessages;
import io.netty.buffer.ByteBuf;
import java.util.OptionalInt;

/**
 * Questions about a length-prefixed access unit. Every method borrows the buffer, leaves its
 * indices alone, and takes the {@code lengthSize} of the configuration record: 1, 2 or 4.
 */
public final class AccessUnits {
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
    return display(accessUnit, lengthSize).rotation();
  }

  /**
   * Everything that the SEI messages of the unit say about how it is to be shown: rotation, and the
   * metadata of high dynamic range.
   *
   * @throws MediaFormatException if the lengths do not tile the unit or a message ends early
   */
  public static DisplaySei display(ByteBuf accessUnit, int lengthSize) {
    DisplaySei display = new DisplaySei();
    NalUnits nals = NalUnits.lengthPrefixed(accessUnit, lengthSize);
    while (nals.next()) {
      if (nals.type() == NalUnits.SEI && nals.sizeBytes() <= SeiMessages.MAXIMUM_SIZE_BYTES) {
        display.read(new SeiMessages("H.264", EmulationPrevention.remove(nals.copy()), 1));
      }
    }
    return display;
  }
}
