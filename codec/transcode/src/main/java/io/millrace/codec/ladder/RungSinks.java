package io.millrace.codec.ladder;

import io.millrace.media.TrackSink;

/** Where each rung's events go. Asked once per rung, on the thread that makes the transcoder. */
public interface RungSinks {
  /**
   * The sink of a video rung. Called on that rung's encoder thread with Format, Boundary, Sample,
   * Discontinuity and End of track {@link io.millrace.media.TrackEvent#VIDEO_TRACK}.
   */
  TrackSink video(PlannedRung rung);

  /**
   * The sink of the re-encoded audio, called on the audio thread; only asked when the ladder
   * re-encodes.
   */
  TrackSink audio(AudioRung rung);
}
