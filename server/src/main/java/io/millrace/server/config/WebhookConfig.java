package io.millrace.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An operator's webhook, which is asked about publishers or viewers.
 *
 * @param url may hold a user and password
 * @param timeout from the question to the whole answer, waiting for a turn included
 * @param cache how long an answer is good for the same question; zero: each is asked
 * @param recheck how often it is asked again about a publisher that is on the air; zero: never
 * @param onError what holds where it gives no answer
 * @param secret that questions are signed with; null: they are not
 * @param authorities PEM certificates that it is known by; null: those of the Java platform
 */
public record WebhookConfig(
    URI url,
    Duration timeout,
    Duration cache,
    Duration recheck,
    OnError onError,
    @Nullable WebhookSecret secret,
    @Nullable Path authorities) {

  /** Words of {@code on_error}. */
  public enum OnError {
    REFUSE,
    ALLOW
  }

  /** For logs: where it is, without a password, path or query. */
  public String host() {
    int port = url.getPort();
    return url.getScheme() + "://" + url.getHost() + (port < 0 ? "" : ":" + port);
  }

  /** Shows no credentials. */
  @Override
  public String toString() {
    return "WebhookConfig[" + host() + ", " + onError + "]";
  }
}
