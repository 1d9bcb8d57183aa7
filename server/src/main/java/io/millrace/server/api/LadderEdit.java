package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.config.ConfigProblem;
import java.util.List;

/** Gives single streams another ladder than the configuration does. Thread-safe; never blocks. */
public interface LadderEdit {
  /** What became of it. */
  sealed interface Result {
    /**
     * It takes effect at the stream's next boundary.
     *
     * @param chosen false: it is the configured ladder
     * @param renditions names of the video renditions, for a source that gets them all
     */
    record Changed(boolean chosen, List<String> renditions) implements Result {}

    /** No stream of this name is live, or waits for its publisher. */
    record NoStream() implements Result {}

    /** It is no ladder. */
    record Invalid(List<ConfigProblem> problems) implements Result {}

    /** It is one, and a live stream cannot follow it. */
    record Unlike(List<ConfigProblem> problems) implements Result {}
  }

  /**
   * Gives a stream this ladder until it has ended.
   *
   * @param body JSON, as {@link io.millrace.server.config.LadderRequest} has it
   */
  Result put(StreamKey key, byte[] body);

  /** Gives it the configured one again. */
  Result reset(StreamKey key);
}
