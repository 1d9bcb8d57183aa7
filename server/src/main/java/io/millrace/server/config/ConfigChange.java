package io.millrace.server.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a server that runs by one configuration and has read another one.
 *
 * @param next what it runs by from now on: the other one, but for what needs a restart
 * @param applied keys of what is different in it, coarsely: a stream's rule and a ladder are one
 * @param needsRestart keys of what is different in the other one and not followed
 */
public record ConfigChange(Config next, List<String> applied, List<String> needsRestart) {
  public ConfigChange {
    applied = List.copyOf(applied);
    needsRestart = List.copyOf(needsRestart);
  }

  /**
   * @param started what the server was started by: sources that it pulls are opened then
   */
  public static ConfigChange between(Config started, Config now, Config read) {
    List<String> waiting = new ArrayList<>();
    note(waiting, "role, origins, edge", now.edge(), read.edge());
    listen(waiting, now.listen(), read.listen());
    note(waiting, "tls", now.tls(), read.tls());
    note(waiting, "data.dir", now.dataDir(), read.dataDir());
    note(waiting, "data.dvr_max_size", now.dvrMaxBytes(), read.dvrMaxBytes());
    note(waiting, "limits", now.limits(), read.limits());
    note(waiting, "srt.latency", now.srtLatency(), read.srtLatency());
    note(waiting, Schema.SVT_AV1_LIBRARY.path(), now.svtAv1Library(), read.svtAv1Library());
    note(waiting, "transcode", now.transcode(), read.transcode());
    pulls(waiting, started, read);
    List<String> applied = new ArrayList<>();
    note(applied, "log", now.log(), read.log());
    note(applied, Schema.CORS_ORIGINS.path(), now.site().corsOrigins(), read.site().corsOrigins());
    note(applied, Schema.HSTS.path(), now.site().hsts(), read.site().hsts());
    note(applied, Schema.UNLISTED.path(), now.acceptUnlisted(), read.acceptUnlisted());
    note(applied, "streams.", rules(now), rules(read));
    if (applied.isEmpty() || !applied.getLast().startsWith("streams.")) {
      note(applied, "streams (their order)", order(now), order(read));
    }
    note(applied, "ladders.", now.ladders(), read.ladders());
    return new ConfigChange(
        new Config(
            now.edge(),
            now.listen(),
            read.site(),
            now.tls(),
            now.dataDir(),
            now.dvrMaxBytes(),
            read.log(),
            now.limits(),
            now.srtLatency(),
            now.svtAv1Library(),
            now.transcode(),
            read.acceptUnlisted(),
            read.streams(),
            read.fallback(),
            read.ladders()),
        applied,
        waiting);
  }

  private static void listen(List<String> keys, Listen now, Listen read) {
    note(keys, Schema.RTMP.path(), now.rtmp(), read.rtmp());
    note(keys, Schema.RTMPS.path(), now.rtmps(), read.rtmps());
    note(keys, Schema.SRT.path(), now.srt(), read.srt());
    note(keys, Schema.HTTPS.path(), now.https(), read.https());
    note(keys, Schema.HTTP3.path(), now.http3(), read.http3());
    note(keys, Schema.HTTP.path(), now.http(), read.http());
    note(keys, Schema.ADMIN.path(), now.admin(), read.admin());
  }

  private static void pulls(List<String> keys, Config started, Config read) {
    Map<String, List<URI>> before = pulls(started);
    Map<String, List<URI>> after = pulls(read);
    for (String pattern : names(before, after)) {
      note(
          keys,
          "streams." + pattern + ".pull",
          before.getOrDefault(pattern, List.of()),
          after.getOrDefault(pattern, List.of()));
    }
  }

  private static Map<String, List<URI>> pulls(Config config) {
    Map<String, List<URI>> pulls = new HashMap<>();
    config.streams().forEach(rule -> pulls.put(name(rule), rule.policy().pull()));
    return pulls;
  }

  private static Map<String, StreamPolicy> rules(Config config) {
    Map<String, StreamPolicy> rules = new HashMap<>();
    config.streams().forEach(rule -> rules.put(name(rule), rule.policy()));
    return rules;
  }

  private static List<String> order(Config config) {
    return config.streams().stream().map(rule -> name(rule)).toList();
  }

  private static String name(StreamRule rule) {
    return rule.pattern().app() + "/" + rule.pattern().name();
  }

  private static TreeSet<String> names(Map<String, ?> one, Map<String, ?> other) {
    TreeSet<String> names = new TreeSet<>(one.keySet());
    names.addAll(other.keySet());
    return names;
  }

  private static void note(
      List<String> keys, String prefix, Map<String, ?> now, Map<String, ?> read) {
    for (String name : names(now, read)) {
      note(keys, prefix + name, now.get(name), read.get(name));
    }
  }

  private static void note(
      List<String> keys, String key, @Nullable Object now, @Nullable Object read) {
    if (!Objects.equals(now, read)) {
      keys.add(key);
    }
  }
}
