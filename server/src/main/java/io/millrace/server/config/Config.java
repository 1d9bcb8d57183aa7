package io.millrace.server.config;

import io.millrace.media.StreamKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything an operator can set, validated; immutable. Made by {@link ConfigLoader}.
 *
 * @param edge where streams come from in the edge role; null for an origin
 * @param site what browsers are told with answers
 * @param dataDir what must outlive a restart; may not exist yet
 * @param dvrMaxBytes what the DVR windows of all streams may take on disk together
 * @param srtLatency least time that SRT has to repair losses
 * @param svtAv1Library an SVT-AV1 library to look at before the others; null to look in the usual
 *     places
 * @param transcode where and how streams are encoded
 * @param acceptUnlisted whether streams that no rule matches may be published
 * @param streams rules in the order of the file: the first whose pattern matches a stream decides
 * @param fallback the policy of streams that no rule matches
 * @param ladders by name; every ladder that a policy names is here
 */
public record Config(
    @Nullable EdgeConfig edge,
    Listen listen,
    SiteConfig site,
    Tls tls,
    Path dataDir,
    long dvrMaxBytes,
    LogConfig log,
    Limits limits,
    Duration srtLatency,
    @Nullable Path svtAv1Library,
    TranscodeConfig transcode,
    boolean acceptUnlisted,
    List<StreamRule> streams,
    StreamPolicy fallback,
    Map<String, LadderConfig> ladders) {

  public Config {
    streams = List.copyOf(streams);
    ladders = Map.copyOf(ladders);
  }

  /** The defaults, as without any file. */
  public static Config defaults() {
    return ConfigLoader.load(null, List.of()).config();
  }

  /** Whether there may be streams of which something is encoded. */
  public boolean encodes() {
    return ladderOf(fallback).encodes()
        || streams.stream().anyMatch(rule -> ladderOf(rule.policy()).encodes());
  }

  /** The policy for {@code stream}: of the first rule that matches, else {@link #fallback}. */
  public StreamPolicy policyFor(StreamKey stream) {
    for (StreamRule rule : streams) {
      if (rule.pattern().matches(stream)) {
        return rule.policy();
      }
    }
    return fallback;
  }

  /** Whether there is a stream of this name to be published. */
  public boolean takes(StreamKey stream) {
    return acceptUnlisted || streams.stream().anyMatch(rule -> rule.pattern().matches(stream));
  }

  /** The ladder that {@code policy} names. */
  public LadderConfig ladderOf(StreamPolicy policy) {
    LadderConfig ladder = ladders.get(policy.ladder());
    if (ladder == null) {
      throw new IllegalArgumentException("no such ladder: " + policy.ladder());
    }
    return ladder;
  }
}
