package io.millrace.server.live;

import io.millrace.media.AudioCodec;
import io.millrace.media.TrackFormat;
import java.util.Arrays;

/**
 * Whether two formats say the same in other words, so that a decoder set up for one takes the
 * other: inputs of one stream may come by different protocols.
 */
final class SameDecoding {
  /** AudioSpecificConfig of AAC-LC without any extension (ISO/IEC 14496-3 §1.6.2.1). */
  private static final int PLAIN_AAC_BYTES = 2;

  private SameDecoding() {}

  static boolean of(TrackFormat a, TrackFormat b) {
    return switch (a) {
      case TrackFormat.Video video -> b instanceof TrackFormat.Video other && same(video, other);
      case TrackFormat.Audio audio -> b instanceof TrackFormat.Audio other && same(audio, other);
      case TrackFormat.Text text -> text.equals(b);
    };
  }

  /** RTMP says the frame rate beside the configuration, MPEG-TS does not. */
  private static boolean same(TrackFormat.Video a, TrackFormat.Video b) {
    boolean unsaid = a.frameRate() == null || b.frameRate() == null;
    TrackFormat.Video asA =
        new TrackFormat.Video(
            b.codec(),
            b.codecs(),
            b.configuration(),
            b.width(),
            b.height(),
            b.sampleAspectRatio(),
            unsaid ? a.frameRate() : b.frameRate(),
            b.colour(),
            b.rotation());
    return a.equals(asA);
  }

  /**
   * RTMP's configuration may add that there is no SBR, ADTS has no room for that. No decoder minds
   * the language.
   */
  private static boolean same(TrackFormat.Audio a, TrackFormat.Audio b) {
    return a.equals(b.withLanguage(a.language()))
        || (a.codec() == AudioCodec.AAC
            && b.codec() == AudioCodec.AAC
            && a.codecs().equals(b.codecs())
            && a.sampleRate() == b.sampleRate()
            && a.channels() == b.channels()
            && a.samplesPerFrame() == b.samplesPerFrame()
            && Arrays.equals(plain(a.configuration()), plain(b.configuration())));
  }

  /** Without a sync extension that only says that SBR is absent: 0x2B7, object type 5, 0. */
  private static byte[] plain(byte[] configuration) {
    boolean saysNoSbr =
        configuration.length == PLAIN_AAC_BYTES + 3
            && configuration[2] == 0x56
            && configuration[3] == (byte) 0xE5
            && configuration[4] >= 0;
    return saysNoSbr ? Arrays.copyOf(configuration, PLAIN_AAC_BYTES) : configuration;
  }
}
