package io.millrace.server.live;

import java.time.Instant;

/**
 * How it stands with one server that a stream is sent on to.
 *
 * @param target where it is, without its key
 * @param reason why it is in that state, the last failure; empty where there is nothing to say
 * @param since when the state began
 * @param bytes of media given to its connections
 * @param droppedSamples dropped because it was too slow
 * @param drops how often that began
 * @param connections how often it has taken the stream
 * @param failures how often it could not be reached, has refused or has gone
 */
public record PushStats(
    String target,
    State state,
    String reason,
    Instant since,
    long bytes,
    long droppedSamples,
    long drops,
    long connections,
    long failures) {

  /** What is going on. */
  public enum State {
    CONNECTING,
    LIVE,
    /** For a publisher, or to try again. */
    WAITING
  }
}
