package io.millrace.server.live;

import io.millrace.media.TrackSink;

/**
 * What a stream sends while it has no signal: made-up pictures and sound in the formats that the
 * viewers' players know. On the stream's event loop.
 */
public interface Filler {
  /**
   * Sends everything up to an instant.
   *
   * @param presentTicks in video ticks since the stream's epoch
   */
  void advanceTo(long presentTicks, TrackSink sink);
}
