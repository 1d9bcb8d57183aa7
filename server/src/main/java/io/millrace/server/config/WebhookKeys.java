package io.millrace.server.config;

import static io.millrace.server.config.ValueTypes.choice;
import static io.millrace.server.config.ValueTypes.duration;
import static io.millrace.server.config.ValueTypes.path;
import static io.millrace.server.config.ValueTypes.webUrl;

import io.millrace.server.config.WebhookConfig.OnError;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a webhook, which are the same for publishers and viewers but for their defaults, and
 * the rules that concern several of them.
 *
 * @param recheck null for viewers: they are asked about again when {@code cache} is over
 */
record WebhookKeys(
    Key<URI> url,
    Key<Duration> timeout,
    Key<Duration> cache,
    @Nullable Key<Duration> recheck,
    Key<OnError> onError,
    Key<Path> secretFile,
    Key<Path> authorities) {

  static final WebhookKeys PUBLISH =
      of(
          "publish.webhook.",
          "asked whether a publisher may publish, in place of `keys` (see [webhooks](webhooks.md)): an"
              + " http:// or https:// URL that takes POST",
          Key.of(
              "publish.webhook.cache",
              duration("0s", "1d"),
              "0s",
              "how long its answer is good for the same stream, key and address; `0s`: it is asked each"
                  + " time"),
          Key.of(
              "publish.webhook.recheck",
              duration("0s", "1d"),
              "0s",
              "how often it is asked again about a publisher that is on the air, which ends when it says"
                  + " no; `0s`: never. At least 1s"));

  static final WebhookKeys PLAY =
      of(
          "play.webhook.",
          "asked whether a viewer may play, after the token was checked where one is required (see"
              + " [webhooks](webhooks.md)): an http:// or https:// URL that takes POST",
          Key.of(
              "play.webhook.cache",
              duration("1s", "1d"),
              "1m",
              "how long its answer is good for a token, or an address without one, and a stream; a"
                  + " refusal for 10s at most"),
          null);

  private static WebhookKeys of(
      String section, String help, Key<Duration> cache, @Nullable Key<Duration> recheck) {
    return new WebhookKeys(
        Key.of(section + "url", webUrl(), null, help),
        Key.of(
            section + "timeout",
            duration("50ms", "30s"),
            "3s",
            "how long an answer may take, waiting for a turn included"),
        cache,
        recheck,
        Key.of(
            section + "on_error",
            choice(OnError.class),
            "refuse",
            "what holds when it gives no answer in time, or one that is none"),
        Key.of(
            section + "secret_file",
            path(),
            null,
            "a file with a secret of 16 characters or more that questions are signed with"
                + " (HMAC-SHA-256)"),
        Key.of(
            section + "ca",
            path(),
            null,
            "PEM certificates that it is known by; those of the Java platform when left out"));
  }

  List<SchemaItem> items() {
    List<SchemaItem> items = new ArrayList<>(List.of(url, timeout, cache));
    if (recheck != null) {
      items.add(recheck);
    }
    items.addAll(List.of(onError, secretFile, authorities));
    return items;
  }

  /** What is wrong is said here. */
  interface Problems {
    void add(Key<?> key, String text);

    /** The file of a key that was given; says so where it cannot be read. */
    @Nullable Path readable(Key<Path> key);
  }

  /** Null without a webhook. */
  @Nullable WebhookConfig read(Values values, Problems problems) {
    URI target = values.find(url);
    if (!values.isGiven(url)) {
      for (SchemaItem item : items()) {
        if (item instanceof Key<?> key && values.isGiven(key)) {
          problems.add(key, "asks nobody without " + url.path());
        }
      }
      return null;
    }
    Duration again = recheck == null ? Duration.ZERO : values.get(recheck);
    if (recheck != null && !again.isZero() && again.compareTo(Duration.ofSeconds(1)) < 0) {
      problems.add(recheck, "is less than 1s");
    }
    WebhookSecret secret = secret(problems);
    Path trusted = problems.readable(authorities);
    return target == null
        ? null
        : new WebhookConfig(
            target,
            values.get(timeout),
            values.get(cache),
            again,
            values.get(onError),
            secret,
            trusted);
  }

  private @Nullable WebhookSecret secret(Problems problems) {
    Path file = problems.readable(secretFile);
    if (file == null || !Files.isRegularFile(file)) {
      return null;
    }
    try {
      return WebhookSecret.load(file);
    } catch (IOException e) {
      problems.add(secretFile, "cannot be read as text");
    } catch (IllegalArgumentException e) {
      problems.add(secretFile, String.valueOf(e.getMessage()));
    }
    return null;
  }
}
