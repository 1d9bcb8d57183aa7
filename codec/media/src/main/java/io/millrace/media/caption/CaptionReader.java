package io.millrace.media.caption;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.av1.Obus;
import io.millrace.media.bits.BitReader;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.nal.EmulationPrevention;
import io.millrace.media.nal.NalCursor;
import io.millrace.media.nal.SeiMessages;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds captions in the samples of one video format: user_data_registered_itu_t_t35 SEI messages in
 * H.264 and HEVC (ITU-T H.264 §D.1.6, H.265 §D.2.6), ITU-T T.35 metadata in AV1 (§5.8.2). VP9 has
 * none.
 *
 * <p>Looks at the headers of a sample's units and into few of them. Not thread-safe.
 */
public final class CaptionReader {
  private static final int USER_DATA_T35 = 4;
  private static final int METADATA_T35 = 4;
  private static final int AVC_SEI = 6;
  private static final int HEVC_PREFIX_SEI = 39;
  private static final int HEVC_SUFFIX_SEI = 40;
  private static final int MAX_UNIT_BYTES = SeiMessages.MAXIMUM_SIZE_BYTES;

  private enum Syntax {
    AVC,
    HEVC,
    AV1,
    NONE
  }

  private final Syntax syntax;
  private final int lengthSize;

  private CaptionReader(Syntax syntax, int lengthSize) {
    this.syntax = syntax;
    this.lengthSize = lengthSize;
  }

  /** For samples of {@code format}; one whose configuration cannot be read has no captions. */
  public static CaptionReader of(TrackFormat.Video format) {
    try {
      return switch (format.codec()) {
        case H264 ->
            new CaptionReader(
                Syntax.AVC, AvcConfiguration.parse(format.configuration()).lengthSize());
        case HEVC ->
            new CaptionReader(
                Syntax.HEVC, HevcConfiguration.parse(format.configuration()).lengthSize());
        case AV1 -> new CaptionReader(Syntax.AV1, 0);
        case VP9 -> new CaptionReader(Syntax.NONE, 0);
      };
    } catch (MediaFormatException _) {
      return new CaptionReader(Syntax.NONE, 0);
    }
  }

  /**
   * The triplets of a sample's captions, null without any. What is broken has none: whether the
   * picture can be shown is for its decoder to say.
   *
   * @param payload borrowed; its indices stay
   */
  public byte @Nullable [] read(ByteBuf payload) {
    try {
      return switch (syntax) {
        case AVC -> nals(NalCursor.lengthPrefixed("H.264", payload, lengthSize), 1);
        case HEVC -> nals(NalCursor.lengthPrefixed("HEVC", payload, lengthSize), 2);
        case AV1 -> obus(Obus.of(payload));
        case NONE -> null;
      };
    } catch (MediaFormatException _) {
      return null;
    }
  }

  private static byte @Nullable [] nals(NalCursor units, int headerBytes) {
    byte @Nullable [] found = null;
    while (units.next()) {
      if (units.sizeBytes() > headerBytes
          && units.sizeBytes() <= MAX_UNIT_BYTES
          && isSei(units, headerBytes)) {
        byte[] rbsp = EmulationPrevention.remove(units.copy());
        SeiMessages messages = new SeiMessages("caption", rbsp, headerBytes);
        while (messages.next()) {
          if (messages.type() == USER_DATA_T35) {
            found = CaptionData.join(found, CaptionData.fromT35(bytes(messages.payload())));
          }
        }
      }
    }
    return found;
  }

  private static boolean isSei(NalCursor unit, int headerBytes) {
    if (headerBytes == 1) {
      return (unit.header() & 0x1F) == AVC_SEI;
    }
    int type = unit.header() >> 1 & 0x3F;
    return type == HEVC_PREFIX_SEI || type == HEVC_SUFFIX_SEI;
  }

  private static byte @Nullable [] obus(Obus obus) {
    byte @Nullable [] found = null;
    while (obus.next()) {
      if (obus.type() == Obus.METADATA && obus.payloadSizeBytes() <= MAX_UNIT_BYTES) {
        BitReader in = new BitReader("AV1 metadata", obus.copyPayload());
        if (in.bits(8) == METADATA_T35) {
          found = CaptionData.join(found, CaptionData.fromT35(bytes(in)));
        }
      }
    }
    return found;
  }

  private static byte[] bytes(BitReader in) {
    byte[] bytes = new byte[(int) (in.bitsLeft() / 8)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) in.bits(8);
    }
    return bytes;
  }
}
