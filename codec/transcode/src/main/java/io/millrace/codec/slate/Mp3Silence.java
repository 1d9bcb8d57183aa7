package io.millrace.codec.slate;

import io.millrace.codec.CodecException;
import io.millrace.media.TrackFormat;

/**
 * A frame of MPEG-1, 2 or 2.5 layer III (ISO/IEC 11172-3 §2.4.1, 13818-3 §2.4.1) without a single
 * coefficient:
 *
 * <pre>
 *  11 sync | 2 version: 3 MPEG-1, 2 MPEG-2, 0 MPEG-2.5 | 2 layer: 1 (III) | 1 no CRC
 *   4 bit rate index | 2 sampling frequency | 1 padding | 1 private
 *   2 mode: 3 mono, 0 stereo | 2 mode extension | 1 copyright | 1 original | 2 emphasis
 *  17 or 32 (MPEG-1), 9 or 17 bytes (others) of side information: zeros
 *  zeros up to the frame's size
 * </pre>
 */
final class Mp3Silence {
  private static final int SYNC = 0xFFE0_0000;
  private static final int LAYER_3 = 1 << 17;
  private static final int NO_CRC = 1 << 16;
  private static final int MONO = 3 << 6;

  private Mp3Silence() {}

  static byte[] frame(TrackFormat.Audio format) {
    int rate = format.sampleRate();
    int version = rate >= 32_000 ? 3 : rate >= 16_000 ? 2 : 0;
    int divisor = version == 3 ? 1 : version == 2 ? 2 : 4;
    int frequency =
        switch (rate * divisor) {
          case 44_100 -> 0;
          case 48_000 -> 1;
          case 32_000 -> 2;
          default -> throw new CodecException("no MP3 of " + rate + " Hz");
        };
    boolean mpeg1 = version == 3;
    if (format.channels() > 2 || format.samplesPerFrame() != (mpeg1 ? 1152 : 576)) {
      throw new CodecException("no MP3 frame of " + format.samplesPerFrame() + " samples");
    }
    // The smallest rate whose frames hold header and side information at every frequency.
    int rateIndex = mpeg1 ? 3 : 4;
    int bitrateBps = mpeg1 ? 48_000 : 32_000;
    int sizeBytes = (mpeg1 ? 144 : 72) * bitrateBps / rate;
    byte[] frame = new byte[sizeBytes];
    int header =
        SYNC
            | version << 19
            | LAYER_3
            | NO_CRC
            | rateIndex << 12
            | frequency << 10
            | (format.channels() == 1 ? MONO : 0);
    for (int i = 0; i < 4; i++) {
      frame[i] = (byte) (header >> 24 - 8 * i);
    }
    return frame;
  }
}
