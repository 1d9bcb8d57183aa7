package io.millrace.server.ingest;

import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AudioSpecificConfig;
import io.netty.buffer.ByteBuf;

/** AAC: AudioSpecificConfig and raw data blocks, one a message. */
final class AacSyntax implements AudioSyntax {
  private final TrackFormat.Audio format;

  AacSyntax(byte[] record) {
    format = AudioSpecificConfig.parse(record).toFormat();
  }

  @Override
  public TrackFormat.Audio format() {
    return format;
  }

  @Override
  public void read(ByteBuf payload, FrameSink sink) {
    sink.frame(format, format.samplesPerFrame(), payload);
  }
}
