package io.millrace.media.mpegts;

/** Frame sizes of MPEG audio (ISO/IEC 11172-3 §2.4.2.3, 13818-3 §2.4.2.3). */
final class MpegAudioFrames {
  private static final int[] LAYER_1 = {
    32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448
  };
  private static final int[] LAYER_2 = {
    32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384
  };
  private static final int[] LAYER_3 = {
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
  };
  private static final int[] LOW_LAYER_1 = {
    32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256
  };
  private static final int[] LOW_LAYER_2_AND_3 = {
    8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
  };
  private static final int[] SAMPLE_RATES = {44_100, 48_000, 32_000};

  private MpegAudioFrames() {}

  /**
   * Layer I, II or III as 1 to 3; 0 when the header is not one.
   *
   * @param header the frame's first four bytes
   */
  static int layer(int header) {
    return sizeBytes(header) == FrameSyntax.NOT_A_FRAME ? 0 : 4 - (header >> 17 & 3);
  }

  /** Size of the frame in bytes, or {@link FrameSyntax#NOT_A_FRAME}; free format is not one. */
  static int sizeBytes(int header) {
    int version = header >> 19 & 3; // 0 MPEG-2.5, 1 reserved, 2 MPEG-2, 3 MPEG-1
    int layer = 4 - (header >> 17 & 3);
    int bitrateIndex = header >> 12 & 0xF;
    int rateIndex = header >> 10 & 3;
    if (header >>> 21 != 0x7FF
        || version == 1
        || layer == 4
        || bitrateIndex == 0
        || bitrateIndex == 15
        || rateIndex == 3) {
      return FrameSyntax.NOT_A_FRAME;
    }
    boolean low = version != 3;
    int[] table =
        switch (layer) {
          case 1 -> low ? LOW_LAYER_1 : LAYER_1;
          case 2 -> low ? LOW_LAYER_2_AND_3 : LAYER_2;
          default -> low ? LOW_LAYER_2_AND_3 : LAYER_3;
        };
    int bitsPerSecond = 1_000 * table[bitrateIndex - 1];
    int sampleRate = SAMPLE_RATES[rateIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    int padding = header >> 9 & 1;
    if (layer == 1) {
      return 4 * (12 * bitsPerSecond / sampleRate + padding);
    }
    int slots = layer == 3 && low ? 72 : 144;
    return slots * bitsPerSecond / sampleRate + padding;
  }
}
