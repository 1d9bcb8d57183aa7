package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.nal.DisplaySei;
import io.millrace.media.nal.EmulationPrevention;
import io.millrace.media.nal.SeiMessages;
import io.netty.buffer.ByteBuf;

/**
 * Questions about a length-prefixed access unit. Every method borrows the buffer, leaves its
 * indices alone, and takes the {@code lengthSize} of the configuration record: 1, 2 or 4.
 */
public final class AccessUnits {
  private AccessUnits() {}

  /**
   * True when the unit holds a slice of a random access picture (IRAP: IDR, CRA, BLA).
   *
   * @throws MediaFormatException if the lengths do not tile the unit
   */
  public static boolean isIrap(ByteBuf accessUnit, int lengthSize) {
    boolean irap = false;
    NalUnits nals = NalUnits.lengthPrefixed(accessUnit, lengthSize);
    while (nals.next()) {
      irap |= nals.isIrap();
    }
    return irap;
  }

  /**
   * Checks that the unit is not empty and that its length prefixes tile it exactly.
   *
   * @throws MediaFormatException malformed when they do not
   */
  public static void check(ByteBuf accessUnit, int lengthSize) {
    if (!accessUnit.isReadable()) {
      throw MediaFormatException.malformed("HEVC access unit: empty");
    }
    isIrap(accessUnit, lengthSize);
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
      if (nals.type() == NalUnits.PREFIX_SEI
          && nals.sizeBytes() <= SeiMessages.MAXIMUM_SIZE_BYTES) {
        byte[] rbsp = EmulationPrevention.remove(nals.copy());
        display.read(new SeiMessages("HEVC", rbsp, NalUnits.HEADER_SIZE_BYTES));
      }
    }
    return display;
  }
}
