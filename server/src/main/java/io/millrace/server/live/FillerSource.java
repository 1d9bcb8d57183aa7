package io.millrace.server.live;

import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.server.config.SignalLoss;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/** Makes fillers, off the event loops. Thread-safe. */
public interface FillerSource {
  /**
   * Prepares what follows a lost source.
   *
   * @param formats of the source's tracks
   * @param lastSegment the source's newest samples of all tracks, each from a key frame on, in the
   *     order sent; taken over and released
   * @return fails with a text for the operator when the formats cannot be continued
   */
  CompletionStage<PreparedFiller> prepare(
      SignalLoss rule, SortedMap<Integer, TrackFormat> formats, List<Sample> lastSegment);

  /** What has been encoded and can be sent from any instant on. */
  interface PreparedFiller {
    /**
     * @param endTicks where the source's tracks end, by track, in video ticks
     */
    Filler start(EndOfTrack endTicks);
  }

  /** Where a track ends so far, in video ticks since the stream's epoch. */
  @FunctionalInterface
  interface EndOfTrack {
    long ofTrack(int track);
  }
}
