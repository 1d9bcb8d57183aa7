package io.millrace.codec.ladder;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;

/** Decodes one source once and encodes it into every rung of a ladder. */
public final class Transcoder implements TrackSink, AutoCloseable {
  private final String streamName;

  public Transcoder(
      String streamName,
      LadderPlan plan,
      RungSinks sinks,
      TranscoderSettings settings,
      TranscoderListener listener) {
    this.streamName = streamName;
  }

  @Override
  public void accept(TrackEvent event) {
    throw new UnsupportedOperationException(streamName);
  }

  /** Counters, from any thread. */
  public TranscoderStats stats() {
    throw new UnsupportedOperationException(streamName);
  }

  @Override
  public void close() {}
}
