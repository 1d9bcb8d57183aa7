package io.millrace.server;

import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishKeys;
import io.millrace.server.config.Config;
import io.millrace.server.config.LadderConfig;
import io.millrace.server.config.Passphrase;
import io.millrace.server.config.StreamPolicy;
import io.millrace.server.ingest.PublishPolicy;
import io.millrace.server.ingest.obs.MultitrackPolicy;
import io.millrace.server.ingest.obs.StreamLadder;
import io.millrace.server.live.StreamSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration as publishers meet it: keys, conflict rule and ladder of a stream. Thread-safe.
 */
final class ConfiguredPolicy implements PublishPolicy, MultitrackPolicy {
  private final Supplier<Config> config;
  private final PublishKeys keys;

  /**
   * @param config the newest one; asked at each publish
   */
  ConfiguredPolicy(Supplier<Config> config, PublishKeys keys) {
    this.config = config;
    this.keys = keys;
  }

  @Override
  public CompletionStage<PublishKeys.Verdict> authorize(
      StreamKey stream, @Nullable String publishKey, InetAddress remote) {
    return keys.authorize(stream, publishKey, remote);
  }

  @Override
  public @Nullable Passphrase passphrase(StreamKey stream) {
    return config.get().policyFor(stream).passphrase();
  }

  @Override
  public boolean trustsPassphrase(StreamKey stream) {
    StreamPolicy policy = config.get().policyFor(stream);
    return policy.passphrase() != null && policy.publishKeys().isEmpty();
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
    LadderConfig ladder = current.ladderOf(policy);
    return new StreamSettings(
        policy.onConflict(),
        policy.failover(),
        policy.signalLoss(),
        policy.grace(),
        ladder.segment(),
        ladder.part(),
        policy.window(),
        policy.dvr() == null ? Duration.ZERO : policy.dvr().window(),
        passthrough(ladder),
        new Ladder(rungs(ladder), audio(ladder)),
        policy.startBehind(),
        policy.subtitles());
  }

  private static String passthrough(LadderConfig ladder) {
    for (LadderConfig.Video video : ladder.video()) {
      if (video instanceof LadderConfig.Video.Passthrough(String name)) {
        return name;
      }
    }
    return "";
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
        preset != null ? preset : VideoRung.defaultPreset(encoded.codec(), encoded.profile()),
        encoded.profile(),
        encoded.maxFrameRate());
  }

  private static AudioRung audio(LadderConfig ladder) {
    return switch (ladder.audio()) {
      case LadderConfig.Audio.Passthrough() -> AudioRung.PASSTHROUGH;
      case LadderConfig.Audio.Aac(long bitrateBps) -> AudioRung.aac(bitrateBps);
    };
  }
}
