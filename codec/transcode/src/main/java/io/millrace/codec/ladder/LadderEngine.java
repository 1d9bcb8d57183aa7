package io.millrace.codec.ladder;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import org.jspecify.annotations.Nullable;

/**
 * What decodes one source and encodes it into the rungs of a ladder, in this process ({@link
 * Transcoder}) or in another: compressed events in by {@link #accept}, compressed events out at the
 * sinks that it was opened with.
 *
 * <p>{@code accept} and {@link #close} belong to one thread.
 */
public interface LadderEngine extends TrackSink, AutoCloseable {
  /** The last event of a rung that a {@link #change} has taken out. */
  TrackEvent.End LEFT = new TrackEvent.End("the rung has been taken out of the ladder");

  /**
   * Whether a rung is to be encoded, which changes where a segment begins; all are at first. What
   * is not encoded is empty segments. Of a rung that there is not, it is remembered until the next
   * {@link #change}. Any thread, does not wait.
   */
  void want(String rung, boolean encode);

  /**
   * How a rung is to be encoded, from its next segment on; all are at {@link RungPace#FULL} at
   * first. Otherwise as {@link #want}.
   */
  void pace(String rung, RungPace pace);

  /**
   * Encodes other rungs, from the next boundary on. A rung is known by its name, and so is the
   * sound: what is the same goes on as if nothing had happened; what is to be encoded otherwise
   * gets another encoder there, and its old sink; what there was not, or what has failed, starts
   * there at a new one; what there is not any more delivers everything before that boundary, then
   * {@link #LEFT}. On the thread of {@code accept}.
   *
   * @param plan for the source as it is
   * @param sinks asked before this returns
   */
  void change(LadderPlan plan, RungSinks sinks);

  /** Counters; any thread. */
  TranscoderStats stats();

  /** The process that does it; null where that is this one. Any thread. */
  default @Nullable WorkerStats worker() {
    return null;
  }

  /**
   * Makes an {@code accept} that waits return soon, before {@link #close}. Any thread, does not
   * wait.
   */
  default void abort() {}

  /** Stops: what waits is discarded, sinks hear no more. Idempotent. */
  @Override
  void close();
}
