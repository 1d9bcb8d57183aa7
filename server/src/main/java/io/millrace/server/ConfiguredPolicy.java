package io.millrace.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.AudioCodec;
import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishAuthority;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.config.Config;
import io.millrace.server.config.LadderConfig;
import io.millrace.server.config.Passphrase;
import io.millrace.server.config.StreamPolicy;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.server.ingest.PublishPolicy;
import io.millrace.server.ingest.obs.MultitrackPolicy;
import io.millrace.server.ingest.obs.StreamLadder;
import io.millrace.server.live.LadderSettings;
import io.millrace.server.live.Shedding;
import io.millrace.server.live.StreamSettings;
import io.millrace.server.live.Watched;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration as publishers meet it: keys, conflict rule and ladder of a stream. Thread-safe.
 */
public final class ConfiguredPolicy implements PublishPolicy, MultitrackPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(ConfiguredPolicy.class);
  private static final int MAX_CHOSEN = 10_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private final Supplier<Config> config;
  private final PublishAuthority authority;
  private final EventSink events;

  /** Ladders that the webhook named when it let the newest publisher in. */
  private final Cache<StreamKey, String> chosen =
      Caffeine.newBuilder().maximumSize(MAX_CHOSEN).build();

  /**
   * @param config the newest one; asked at each publish
   * @param events is told of publishers that are refused
   */
  ConfiguredPolicy(Supplier<Config> config, PublishAuthority authority, EventSink events) {
    this.events = events;
    this.config = config;
    this.authority = authority;
  }

  @Override
  public CompletionStage<PublishVerdict> authorize(PublishAttempt attempt) {
    return authority
        .authorize(attempt)
        .thenApply(
            verdict -> {
              if (verdict.allowed()) {
                choose(attempt.stream(), verdict.ladder());
              } else {
                refused(attempt, verdict);
              }
              return verdict;
            });
  }

  /** Whoever has decided has written a line, or leaves it out where there would be too many. */
  private void refused(PublishAttempt attempt, PublishVerdict verdict) {
    events.accept(
        EventNote.info(EventType.PUBLISH_REFUSED, attempt.stream(), "publish refused")
            .with("session", attempt.session())
            .with("protocol", attempt.protocol())
            .with("remote", attempt.source().getHostAddress())
            .with("reason", verdict.text()));
  }

  private void choose(StreamKey stream, @Nullable String ladder) {
    if (ladder == null) {
      chosen.invalidate(stream);
    } else if (NAME.matcher(ladder).matches() && config.get().ladders().containsKey(ladder)) {
      chosen.put(stream, ladder);
    } else {
      chosen.invalidate(stream);
      LOG.atWarn()
          .addKeyValue("stream", stream)
          .addKeyValue("ladder", NAME.matcher(ladder).matches() ? ladder : "(no name of a ladder)")
          .log("the webhook names a ladder that there is not; the configured one is used");
    }
  }

  private LadderConfig ladderOf(StreamKey stream, StreamPolicy policy, Config current) {
    String name = chosen.getIfPresent(stream);
    LadderConfig found = name == null ? null : current.ladders().get(name);
    return found == null ? current.ladderOf(policy) : found;
  }

  @Override
  public Duration recheck(StreamKey stream) {
    WebhookConfig webhook = config.get().policyFor(stream).publishWebhook();
    return webhook == null ? Duration.ZERO : webhook.recheck();
  }

  @Override
  public CompletionStage<PublishVerdict> recheckNow(PublishAttempt attempt) {
    return authority.recheck(attempt);
  }

  @Override
  public @Nullable Passphrase passphrase(StreamKey stream) {
    return config.get().policyFor(stream).passphrase();
  }

  @Override
  public boolean trustsPassphrase(StreamKey stream) {
    StreamPolicy policy = config.get().policyFor(stream);
    return policy.passphrase() != null
        && policy.publishKeys().isEmpty()
        && policy.publishWebhook() == null;
  }

  @Override
  public @Nullable StreamLadder ladder(StreamKey stream) {
    StreamSettings settings = settings(stream);
    return settings == null
        ? null
        : new StreamLadder(
            settings.segment(), !settings.passthrough().isEmpty(), settings.ladder());
  }

  @Override
  public @Nullable StreamSettings settings(StreamKey key) {
    Config current = config.get();
    if (!current.takes(key)) {
      return null;
    }
    StreamPolicy policy = current.policyFor(key);
    LadderConfig ladder = ladderOf(key, policy, current);
    LadderSettings renditions = renditions(ladder);
    return new StreamSettings(
        policy.onConflict(),
        policy.failover(),
        policy.signalLoss(),
        policy.grace(),
        ladder.segment(),
        ladder.part(),
        policy.window(),
        policy.dvr() == null ? Duration.ZERO : policy.dvr().window(),
        renditions.passthrough(),
        renditions.ladder(),
        renditions.watched(),
        renditions.shedding(),
        policy.startBehind(),
        policy.subtitles(),
        policy.push().stream().map(target -> target.at(key)).toList());
  }

  /** A configured ladder as streams have it. */
  public static LadderSettings renditions(LadderConfig ladder) {
    return new LadderSettings(
        passthrough(ladder),
        new Ladder(
            rungs(ladder),
            audio(ladder),
            ladder.hdr(),
            ladder.upscale(),
            pausing(ladder.budget().shed())),
        new Watched(watched(ladder), ladder.idleAfter()),
        Shedding.of(ladder.budget().cpuPercent(), ladder.budget().shed()));
  }

  private static List<String> pausing(List<String> shed) {
    return shed.stream()
        .filter(word -> !word.equals(LadderConfig.Budget.FASTER))
        .filter(word -> !word.equals(LadderConfig.Budget.HALF_RATE))
        .toList();
  }

  private static String passthrough(LadderConfig ladder) {
    for (LadderConfig.Video video : ladder.video()) {
      if (video instanceof LadderConfig.Video.Passthrough(String name)) {
        return name;
      }
    }
    return "";
  }

  private static Set<String> watched(LadderConfig ladder) {
    return ladder.video().stream()
        .filter(video -> video instanceof LadderConfig.Video.Encoded encoded && encoded.watched())
        .map(LadderConfig.Video::name)
        .collect(Collectors.toSet());
  }

  private static List<VideoRung> rungs(LadderConfig ladder) {
    List<VideoRung> rungs = new ArrayList<>();
    for (LadderConfig.Video video : ladder.video()) {
      if (video instanceof LadderConfig.Video.Encoded encoded) {
        rungs.add(rung(encoded));
      }
    }
    return rungs;
  }

  private static VideoRung rung(LadderConfig.Video.Encoded encoded) {
    String preset = encoded.preset();
    return new VideoRung(
        encoded.name(),
        encoded.codec(),
        encoded.heightPx(),
        encoded.bitrateBps(),
        preset != null ? preset : usualPreset(encoded),
        encoded.profile(),
        encoded.maxFrameRate(),
        encoded.options());
  }

  private static String usualPreset(LadderConfig.Video.Encoded encoded) {
    return encoded.options().engine().resolve(encoded.codec()).usualPreset(encoded.profile());
  }

  private static AudioRung audio(LadderConfig ladder) {
    return switch (ladder.audio()) {
      case LadderConfig.Audio.Passthrough() -> AudioRung.PASSTHROUGH;
      case LadderConfig.Audio.Encoded(AudioCodec codec, long bitrateBps, Double lufs) ->
          new AudioRung(false, codec, bitrateBps, lufs);
    };
  }
}
