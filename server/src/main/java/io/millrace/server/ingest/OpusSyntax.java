package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.opus.OpusConfiguration;
import io.millrace.media.opus.OpusPackets;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Opus: OpusHead (RFC 7845 §5.1) and packets, one a message. Without OpusHead a stream is mono or
 * stereo, as a MultichannelConfig says, and without that stereo.
 */
final class OpusSyntax implements AudioSyntax {
  private static final int STEREO = 2;

  private final OpusConfiguration configuration;
  private TrackFormat.@Nullable Audio format;

  OpusSyntax(byte[] head, int channels) {
    configuration =
        head.length > 0
            ? OpusConfiguration.parseHead(head)
            : withoutHead(channels == 0 ? STEREO : channels);
  }

  private static OpusConfiguration withoutHead(int channels) {
    if (channels > STEREO) {
      throw MediaFormatException.unsupported(channels + " channels without OpusHead");
    }
    return OpusConfiguration.ofChannels(channels);
  }

  /** The first packet says how long packets are. */
  @Override
  public TrackFormat.@Nullable Audio format() {
    return format;
  }

  @Override
  public void read(ByteBuf payload, FrameSink sink) {
    int samples = OpusPackets.samples(payload);
    if (format == null) {
      format = lasting(configuration.toFormat(), samples);
    }
    sink.frame(format, samples, payload);
  }

  private static TrackFormat.Audio lasting(TrackFormat.Audio format, int samples) {
    return new TrackFormat.Audio(
        format.codec(),
        format.codecs(),
        format.configuration(),
        format.sampleRate(),
        format.channels(),
        samples);
  }
}
