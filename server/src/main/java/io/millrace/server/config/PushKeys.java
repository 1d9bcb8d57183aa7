package io.millrace.server.config;

import static io.millrace.server.config.ValueTypes.choice;
import static io.millrace.server.config.ValueTypes.fingerprint;
import static io.millrace.server.config.ValueTypes.path;
import static io.millrace.server.config.ValueTypes.pushUrl;

import io.millrace.media.StreamKey;
import io.millrace.server.config.PushTarget.Enhanced;
import io.millrace.server.config.PushTarget.Trust;
import io.millrace.server.config.Values.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of {@code push}, and the rules that concern several of them. */
final class PushKeys {
  static final Key<PushUrl> URL =
      Key.of(
              "url",
              pushUrl(),
              null,
              "where to: `rtmp[s]://HOST[:PORT]/APP/KEY`, or `…/APP` with `key_file`; `{app}` and"
                  + " `{name}` stand for those of the stream")
          .mustBeGiven();
  static final Key<Path> KEY_FILE =
      Key.of(
          "key_file",
          path(),
          null,
          "a file with the stream key of the service, alone; read at the start and by a reload");
  static final Key<Path> CA =
      Key.of(
          "ca",
          path(),
          null,
          "PEM certificates of authorities that an rtmps server is known by; without it, and without"
              + " `pins`, those of the Java platform");
  static final Key<String> PINS =
      Key.listOf(
          "pins",
          fingerprint(),
          32,
          "SHA-256 of an rtmps server's certificates: only these are trusted then");
  static final Key<Enhanced> ENHANCED =
      Key.of(
          "enhanced",
          choice(Enhanced.class),
          "auto",
          "when HEVC, AV1, VP9, Opus and MP3 are sent, which only Enhanced RTMP can: `auto`: where"
              + " the server has said that it takes them; `always`: whatever it says");
  static final Group PUSH =
      Group.list(
              "push",
              16,
              List.of(URL, KEY_FILE, CA, PINS, ENHANCED),
              "where the stream is sent on to while it is live, by RTMP or RTMPS, as the publisher"
                  + " sends it (see [restreaming](restreaming.md)). An item that is a URL alone,"
                  + " `push: [ \"rtmp://HOST/APP/KEY\" ]`, is its `url`")
          .orJust(URL);

  private static final Set<String> LOCAL = Set.of("localhost", "::1", "0:0:0:0:0:0:0:1");

  /** What is wrong is said here, with the place of the key. */
  interface Problems {
    void add(Values values, String path, Key<?> key, String text);

    /** As {@link #add}, of what is most probably not meant. */
    void warn(Values values, String path, Key<?> key, String text);

    /** The file of a key that was given; says so where it cannot be read. */
    @Nullable Path readable(Values values, String path, Key<Path> key);
  }

  private final Problems problems;

  PushKeys(Problems problems) {
    this.problems = problems;
  }

  /**
   * @param pattern of the streams; null: any that no rule matches
   * @param listen where this server takes publishers
   */
  List<PushTarget> read(Values rule, @Nullable StreamPattern pattern, Listen listen) {
    List<PushTarget> targets = new ArrayList<>();
    for (Member member : rule.members(PUSH)) {
      PushTarget target = target(member.values(), member.name() + ".");
      if (target == null) {
        continue;
      }
      if (targets.stream().anyMatch(other -> isSamePlace(target, other))) {
        problems.add(member.values(), member.name() + ".", URL, "is there already: once is enough");
      }
      if (pattern != null && isOwn(target, listen) && mayBeOf(target, pattern)) {
        problems.add(
            member.values(),
            member.name() + ".",
            URL,
            "is this server and a stream of the rule itself, which would be pushed to itself"
                + " without end: give it another name, and that a rule of its own");
      }
      if (pattern != null && isAnyOf(pattern) && !namesStream(target)) {
        problems.warn(
            member.values(),
            member.name() + ".",
            URL,
            "is the same place for every stream of the pattern, and takes one at a time: {name}"
                + " stands for the stream's name");
      }
      targets.add(target);
    }
    return targets;
  }

  private @Nullable PushTarget target(Values values, String path) {
    PushUrl url = values.find(URL);
    Path keyFile = problems.readable(values, path, KEY_FILE);
    Trust trust = new Trust(problems.readable(values, path, CA), values.list(PINS));
    if (url == null) {
      return null;
    }
    if (!url.secure() && (values.isGiven(CA) || values.isGiven(PINS))) {
      Key<?> given = values.isGiven(CA) ? CA : PINS;
      problems.add(values, path, given, "is for an rtmps:// URL: this one has no certificate");
    }
    if (values.isGiven(CA) && values.isGiven(PINS)) {
      problems.add(values, path, CA, "means nothing beside pins: give one of them");
    }
    if (values.isGiven(KEY_FILE)) {
      PushKey key = keyFile == null ? null : load(values, path, keyFile);
      if (url.path().isEmpty() || !url.query().isEmpty()) {
        problems.add(
            values,
            path,
            URL,
            "beside key_file it ends with the app, rtmp[s]://HOST[:PORT]/APP, and has no query");
        return null;
      }
      return key == null ? null : target(url, url.path(), key, trust, values);
    }
    int slash = url.path().lastIndexOf('/');
    if (slash < 0) {
      problems.add(
          values,
          path,
          URL,
          "has no stream key: rtmp[s]://HOST[:PORT]/APP/KEY, or the key in key_file");
      return null;
    }
    String key = url.path().substring(slash + 1) + url.query();
    return target(url, url.path().substring(0, slash), new PushKey(key), trust, values);
  }

  private static PushTarget target(
      PushUrl url, String app, PushKey key, Trust trust, Values values) {
    return new PushTarget(
        url.secure(), url.host(), url.port(), app, key, trust, values.get(ENHANCED));
  }

  private @Nullable PushKey load(Values values, String path, Path file) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      return PushKey.load(file);
    } catch (IOException e) {
      problems.add(values, path, KEY_FILE, "cannot be read as text");
    } catch (IllegalArgumentException e) {
      problems.add(values, path, KEY_FILE, String.valueOf(e.getMessage()));
    }
    return null;
  }

  private static boolean isSamePlace(PushTarget one, PushTarget other) {
    return one.place().equals(other.place()) && one.key().equals(other.key());
  }

  private static boolean isAnyOf(StreamPattern pattern) {
    return pattern.app().indexOf('*') >= 0 || pattern.name().indexOf('*') >= 0;
  }

  private static boolean namesStream(PushTarget target) {
    String path = target.app() + "/" + target.key().secret();
    return path.contains(PushTarget.APP) || path.contains(PushTarget.NAME);
  }

  private static boolean isOwn(PushTarget target, Listen listen) {
    Endpoint endpoint = target.secure() ? listen.rtmps() : listen.rtmp();
    return endpoint != null
        && endpoint.port() == target.port()
        && (LOCAL.contains(target.host())
            || target.host().startsWith("127.")
            || target.host().equalsIgnoreCase(endpoint.host()));
  }

  /** Whether a stream of the rule would come back as one of the rule. */
  private static boolean mayBeOf(PushTarget target, StreamPattern pattern) {
    String name = target.key().secret();
    int query = name.indexOf('?');
    String bare = query < 0 ? name : name.substring(0, query);
    return pattern.matches(
        new StreamKey(
            target.app().replace(PushTarget.APP, sample(pattern.app())),
            bare.replace(PushTarget.NAME, sample(pattern.name()))));
  }

  private static String sample(String glob) {
    return glob.replace("*", "x");
  }
}
