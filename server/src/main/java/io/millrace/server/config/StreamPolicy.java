package io.millrace.server.config;

import io.millrace.server.auth.Argon2Hash;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for a stream.
 *
 * @param publishKeys hashes of the keys that may publish; empty: the rule of the first-start key
 *     (see {@link io.millrace.server.auth.PublishKeys})
 * @param publishWebhook is asked who may publish, in place of keys; null: nobody is
 * @param onConflict what a second publisher on a busy name gets
 * @param passphrase that SRT publishers encrypt with; null: they may not encrypt
 * @param failover when to change between two inputs
 * @param signalLoss what is shown without a signal; null: nothing
 * @param pull SRT sources that the server calls itself, the main input first; only for a rule that
 *     names one stream
 * @param play who may play it
 * @param protection how its media is encrypted; null: not at all
 * @param ladder name of the ladder
 * @param grace how long a stream waits for its publisher to come back before it ends
 * @param window how much of the stream the playlists list at least
 * @param startBehind how far behind the live edge HLS players begin; zero: where they choose
 * @param dvr what is kept on disk; null: nothing
 * @param record how it is recorded; null: not at all
 * @param subtitles its text tracks
 * @param push where it is sent on to
 */
public record StreamPolicy(
    List<Argon2Hash> publishKeys,
    @Nullable WebhookConfig publishWebhook,
    OnConflict onConflict,
    @Nullable Passphrase passphrase,
    Failover failover,
    @Nullable SignalLoss signalLoss,
    List<URI> pull,
    PlayPolicy play,
    @Nullable ProtectionConfig protection,
    String ladder,
    Duration grace,
    Duration window,
    Duration startBehind,
    @Nullable DvrPolicy dvr,
    @Nullable RecordPolicy record,
    Subtitles subtitles,
    List<PushTarget> push) {

  public StreamPolicy {
    publishKeys = List.copyOf(publishKeys);
    pull = List.copyOf(pull);
    push = List.copyOf(push);
  }

  /** What a second publisher on a busy name gets. */
  public enum OnConflict {
    /** It is refused. */
    REJECT,
    /** It takes the name over; the first publisher is ended. */
    TAKEOVER,

    /** It becomes the stream's second input. */
    BACKUP
  }
}
