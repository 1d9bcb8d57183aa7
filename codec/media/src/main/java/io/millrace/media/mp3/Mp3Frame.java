package io.millrace.media.mp3;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import java.util.function.BiConsumer;

/**
 * The header of one layer III frame (ISO/IEC 11172-3 §2.4.1.3; ISO/IEC 13818-3 §2.4.2.3 for the
 * lower sampling frequencies; "MPEG-2.5" halves those once more).
 *
 * <pre>
 * 11 ones | 2 version: 3 MPEG-1, 2 MPEG-2, 0 MPEG-2.5 | 2 layer: 1 is III | 1 protection_bit
 *  4 bitrate_index | 2 sampling_frequency | 1 padding | 1 private
 *  2 mode: 3 is mono | 2 mode extension | 1 copyright | 1 original | 2 emphasis
 * </pre>
 *
 * @param sampleRate in Hz
 * @param channels 1 or 2
 * @param samplesPerFrame 1152 for MPEG-1, else 576
 * @param bitrateBps of this frame
 * @param sizeBytes header and all
 */
public record Mp3Frame(
    int sampleRate, int channels, int samplesPerFrame, int bitrateBps, int sizeBytes) {
  /** Bytes that {@link #parse} needs. */
  public static final int HEADER_SIZE_BYTES = 4;

  private static final int MPEG_1 = 3;
  private static final int MPEG_2 = 2;
  private static final int MPEG_2_5 = 0;
  private static final int MONO = 3;

  private static final int[] KBPS_MPEG_1 = {
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
  };
  private static final int[] KBPS_MPEG_2 = {
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
  };
  private static final int[] HERTZ_MPEG_1 = {44_100, 48_000, 32_000};

  /**
   * Reads the header at an absolute index; borrows the buffer and moves nothing. The frame itself
   * may reach beyond the buffer.
   *
   * @throws MediaFormatException malformed; unsupported for layers I and II and for free format
   */
  public static Mp3Frame parse(ByteBuf in, int index) {
    if (index < 0 || in.writerIndex() - index < HEADER_SIZE_BYTES) {
      throw malformed("ends early");
    }
    int header = in.getInt(index);
    if (header >>> 21 != 0x7FF) {
      throw malformed("no syncword");
    }
    int version = header >> 19 & 3;
    int layer = header >> 17 & 3;
    int bitrateIndex = header >> 12 & 0x0F;
    int rateIndex = header >> 10 & 3;
    if (version == 1 || layer == 0 || bitrateIndex == 15 || rateIndex == 3) {
      throw malformed("reserved value in " + Integer.toHexString(header));
    }
    if (layer != 1) {
      throw MediaFormatException.unsupported("MPEG audio layer " + (layer == 3 ? "I" : "II"));
    }
    if (bitrateIndex == 0) {
      throw MediaFormatException.unsupported("MP3 in free format");
    }
    int sampleRate =
        switch (version) {
          case MPEG_1 -> HERTZ_MPEG_1[rateIndex];
          case MPEG_2 -> HERTZ_MPEG_1[rateIndex] / 2;
          case MPEG_2_5 -> HERTZ_MPEG_1[rateIndex] / 4;
          default -> throw new AssertionError("version " + version);
        };
    int kbps = version == MPEG_1 ? KBPS_MPEG_1[bitrateIndex] : KBPS_MPEG_2[bitrateIndex];
    int samples = version == MPEG_1 ? 1152 : 576;
    int sizeBytes = samples / 8 * kbps * 1000 / sampleRate + (header >> 9 & 1);
    int channels = (header >> 6 & 3) == MONO ? 1 : 2;
    return new Mp3Frame(sampleRate, channels, samples, kbps * 1000, sizeBytes);
  }

  /**
   * Gives each frame of a payload, with its bytes, to {@code frames}; an RTMP message may hold
   * several. An ID3 or APE tag or a cut frame at the end is left out, as decoders do.
   *
   * @param payload borrowed; its indices stay
   * @param frames the bytes are a slice that is derived, not retained
   * @throws MediaFormatException where the payload does not start with a whole frame
   */
  public static void split(ByteBuf payload, BiConsumer<Mp3Frame, ByteBuf> frames) {
    int end = payload.writerIndex();
    int index = payload.readerIndex();
    do {
      Mp3Frame frame = parse(payload, index);
      if (frame.sizeBytes > end - index) {
        throw malformed(frame.sizeBytes + " bytes where " + (end - index) + " are left");
      }
      frames.accept(frame, payload.slice(index, frame.sizeBytes));
      index += frame.sizeBytes;
    } while (startsFrame(payload, index, end));
  }

  private static boolean startsFrame(ByteBuf payload, int index, int end) {
    return end - index >= HEADER_SIZE_BYTES && payload.getUnsignedShort(index) >> 5 == 0x7FF;
  }

  /**
   * The format of a track with such frames; no configuration, the frames say everything.
   *
   * <p>The {@code codecs} parameter is {@code mp4a.40.34}, audio object type 34 of ISO/IEC 14496-3:
   * the spelling of Apple's HLS, which hls.js knows as {@code mp3} too. Firefox and Safari play it
   * inside MP4; Chromium's Media Source Extensions refuse every spelling of MP3 inside MP4, and
   * need another rendition.
   */
  public TrackFormat.Audio toFormat() {
    return new TrackFormat.Audio(
        AudioCodec.MP3, "mp4a.40.34", new byte[0], sampleRate, channels, samplesPerFrame);
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("MP3 frame: " + what);
  }
}
