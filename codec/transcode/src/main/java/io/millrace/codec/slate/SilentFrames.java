package io.millrace.codec.slate;

import io.millrace.codec.CodecException;
import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.bits.BitWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/** The bits of silence, per codec. */
final class SilentFrames {
  private SilentFrames() {}

  /**
   * One access unit that decodes to zeros (or to the fading end of what came before).
   *
   * @throws CodecException where the format has none
   */
  static byte[] of(TrackFormat.Audio format) {
    return switch (format.codec()) {
      case AAC -> aac(AudioSpecificConfig.parse(format.configuration()));
      case OPUS -> opus(format.configuration(), format.samplesPerFrame());
      case MP3 -> Mp3Silence.frame(format);
    };
  }

  /** Syntactic elements of raw_data_block() (ISO/IEC 14496-3 table 4.85). */
  private enum Element {
    SINGLE_CHANNEL(0),
    CHANNEL_PAIR(1),
    LOW_FREQUENCY(3);

    private final int id;

    Element(int id) {
      this.id = id;
    }
  }

  /**
   * raw_data_block() (ISO/IEC 14496-3 §4.4.2.1) whose channels have no scale factor band at all.
   * With announced SBR it is the core alone: the decoder fills the upper half with nothing.
   */
  private static byte[] aac(AudioSpecificConfig config) {
    BitWriter out = new BitWriter();
    int[] tags = new int[4];
    for (Element element : elements(config.channelConfiguration())) {
      out.bits(element.id, 3).bits(tags[element.id]++, 4);
      if (element == Element.CHANNEL_PAIR) {
        out.flag(true);
        icsInfo(out);
        out.bits(0, 2); // ms_mask_present
        emptyChannel(out, false);
        emptyChannel(out, false);
      } else {
        emptyChannel(out, true);
      }
    }
    return out.bits(7, 3).toBytes(); // ID_END
  }

  /** ISO/IEC 14496-3 table 1.19, ISO/IEC 23003-1 for 11 to 14. */
  private static List<Element> elements(int channelConfiguration) {
    Element one = Element.SINGLE_CHANNEL;
    Element two = Element.CHANNEL_PAIR;
    Element low = Element.LOW_FREQUENCY;
    return switch (channelConfiguration) {
      case 1 -> List.of(one);
      case 2 -> List.of(two);
      case 3 -> List.of(one, two);
      case 4 -> List.of(one, two, one);
      case 5 -> List.of(one, two, two);
      case 6 -> List.of(one, two, two, low);
      case 7, 12 -> List.of(one, two, two, two, low);
      case 11 -> List.of(one, two, two, one, low);
      case 14 -> List.of(one, two, two, low, two);
      default -> throw new CodecException("no silence for AAC layout " + channelConfiguration);
    };
  }

  /** individual_channel_stream() (§4.4.2.7): gain, no sections, no pulse, TNS or gain control. */
  private static void emptyChannel(BitWriter out, boolean ownInfo) {
    out.bits(0, 8); // global_gain
    if (ownInfo) {
      icsInfo(out);
    }
    out.bits(0, 3);
  }

  /** ics_info() (§4.4.2.6): one long sine window, max_sfb 0, no prediction. */
  private static void icsInfo(BitWriter out) {
    out.bits(0, 1 + 2 + 1).bits(0, 6).flag(false);
  }

  private static final int OPUS_FAMILY_AT = 10;
  private static final int SAMPLES_2_5_MS = 120;
  private static final int SAMPLES_20_MS = 960;
  private static final int MAX_FRAMES_OF_20_MS = 6;

  /** CELT's range coder reads these as the silence flag (RFC 6716 §4.3). */
  private static final byte[] CELT_SILENCE = {(byte) 0xFF, (byte) 0xFE};

  /**
   * One packet a stream of the mapping, all but the last self-delimited (RFC 6716 §3.1 and appendix
   * B; RFC 7845 §3).
   *
   * <pre>
   *  5 bits config (28…31: CELT full band, 2.5…20 ms) | 1 stereo | 2 code: 0 one frame, 3 several of one size
   * [8 bits: 0 VBR | 0 padding | 6 count]                                               code 3
   * [8 bits frame size: 2]                                                              self-delimited
   *  FF FE per frame
   * </pre>
   */
  private static byte[] opus(byte[] dOps, int samples) {
    boolean mapped = dOps.length > OPUS_FAMILY_AT + 2 && dOps[OPUS_FAMILY_AT] != 0;
    int streams = mapped ? dOps[OPUS_FAMILY_AT + 1] & 0xFF : 1;
    int coupled = mapped ? dOps[OPUS_FAMILY_AT + 2] & 0xFF : dOps[1] == 2 ? 1 : 0;
    int frames = Math.max(1, samples / SAMPLES_20_MS);
    int frameSamples = samples / frames;
    int size = Integer.numberOfTrailingZeros(frameSamples / SAMPLES_2_5_MS);
    if (frames > MAX_FRAMES_OF_20_MS
        || frames * frameSamples != samples
        || size > 3
        || frameSamples != SAMPLES_2_5_MS << size) {
      throw new CodecException("no Opus packet of " + samples + " samples");
    }
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < streams; i++) {
      int code = frames == 1 ? 0 : 3;
      out.writeByte((28 + size) << 3 | (i < coupled ? 4 : 0) | code);
      if (code == 3) {
        out.writeByte(frames);
      }
      if (i < streams - 1) {
        out.writeByte(CELT_SILENCE.length);
      }
      for (int frame = 0; frame < frames; frame++) {
        out.writeBytes(CELT_SILENCE);
      }
    }
    byte[] packet = new byte[out.readableBytes()];
    out.readBytes(packet);
    return packet;
  }
}
