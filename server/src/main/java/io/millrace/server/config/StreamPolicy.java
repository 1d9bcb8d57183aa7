package io.millrace.server.config;

import io.millrace.server.auth.Argon2Hash;
import java.time.Duration;
import java.util.List;

/**
 * What holds for a stream.
 *
 * @param publishKeys hashes of the keys that may publish; empty: the rule of the first-start key
 *     (see {@link io.millrace.server.auth.PublishKeys})
 * @param onConflict what a second publisher on a busy name gets
 * @param ladder name of the ladder
 * @param grace how long a stream waits for its publisher to come back before it ends
 * @param window how much of the stream the playlists list
 */
public record StreamPolicy(
    List<Argon2Hash> publishKeys,
    OnConflict onConflict,
    String ladder,
    Duration grace,
    Duration window) {

  public StreamPolicy {
    publishKeys = List.copyOf(publishKeys);
  }

  /** What a second publisher on a busy name gets. */
  public enum OnConflict {
    /** It is refused. */
    REJECT,
    /** It takes the name over; the first publisher is ended. */
    TAKEOVER
  }
}
