package io.millrace.server.ingest;

import io.millrace.media.TrackFormat;
import io.millrace.media.mp3.Mp3Frame;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** MP3: no record, and one or more frames a message, whose headers say everything. */
final class Mp3Syntax implements AudioSyntax {
  private TrackFormat.@Nullable Audio format;

  @Override
  public TrackFormat.@Nullable Audio format() {
    return format;
  }

  @Override
  public void read(ByteBuf payload, FrameSink sink) {
    Mp3Frame.split(
        payload, (header, frame) -> sink.frame(formatOf(header), header.samplesPerFrame(), frame));
  }

  private TrackFormat.Audio formatOf(Mp3Frame header) {
    TrackFormat.Audio known = format;
    if (known == null
        || known.sampleRate() != header.sampleRate()
        || known.channels() != header.channels()) {
      known = header.toFormat();
      format = known;
    }
    return known;
  }
}
