package io.millrace.server.config;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderRules;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.media.AudioCodec;
import io.millrace.media.VideoCodec;
import io.millrace.server.access.PlayKey;
import io.millrace.server.config.ConfigProblem.Severity;
import io.millrace.server.config.LadderConfig.Audio;
import io.millrace.server.config.LadderConfig.Video;
import io.millrace.server.config.ProtectionConfig.Scheme;
import io.millrace.server.config.Values.Member;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From typed values to the records, with the rules that concern more than one key. Adds a problem
 * for each that is broken and goes on; the result is only fit for use when there is no error.
 */
final class ConfigBuilder {
  private static final Set<String> SHED_WORDS =
      Set.of(LadderConfig.Budget.FASTER, LadderConfig.Budget.HALF_RATE);

  private static final int LEAST_SEGMENTS = 3;
  private static final List<Key<?>> PROTECTION_DETAILS =
      List.of(
          Schema.PROTECT_ROTATE,
          Schema.PROTECT_KEYS,
          Schema.PROTECT_KEY_SERVER,
          Schema.PROTECT_SYSTEMS,
          Schema.PROTECT_BASE_URL);

  /** What an encoded rung may have beside what it needs. */
  private static final List<Key<?>> OPTIONS =
      List.of(
          Schema.VIDEO_PRESET,
          Schema.VIDEO_ENCODER,
          Schema.VIDEO_FALLBACK,
          Schema.VIDEO_RATE,
          Schema.VIDEO_CRF,
          Schema.VIDEO_VMAF,
          Schema.VIDEO_GOP,
          Schema.VIDEO_BFRAMES,
          Schema.VIDEO_TUNE);

  private final List<ConfigProblem> problems;

  ConfigBuilder(List<ConfigProblem> problems) {
    this.problems = problems;
  }

  Config build(Values root) {
    Map<String, LadderConfig> ladders = new LinkedHashMap<>();
    for (Member member : root.members(Schema.LADDERS)) {
      ladders.put(member.name(), ladder(member, "ladders." + member.name() + "."));
      checkTargets(root, member);
    }
    Limits limits = limits(root);
    Listen listen = listen(root);
    PushKeys pushes = new PushKeys(pushProblems());
    List<StreamRule> streams = new ArrayList<>();
    for (Member member : root.members(Schema.STREAMS)) {
      StreamPattern pattern = ValueTypes.streamPattern().reader().read(member.name());
      StreamPolicy policy = policy(member, ladders, pushes.read(member.values(), pattern, listen));
      streams.add(new StreamRule(pattern, policy));
      checkPatience(member, policy, limits);
    }
    StreamPolicy fallback =
        policy(new Member("", Position.NONE, new Values(Position.NONE)), ladders, List.of());
    return new Config(
        edge(root),
        listen,
        new SiteConfig(root.list(Schema.CORS_ORIGINS), root.get(Schema.HSTS)),
        tls(root),
        directory(root, Schema.DATA_DIR),
        root.get(Schema.DATA_DVR_MAX_SIZE),
        new LogConfig(root.get(Schema.LOG_FORMAT), root.get(Schema.LOG_LEVEL)),
        limits,
        root.get(Schema.SRT_LATENCY),
        readableFile(root, Schema.SVT_AV1_LIBRARY),
        transcode(root),
        acceptUnlisted(root, streams),
        streams,
        fallback,
        ladders);
  }

  private TranscodeConfig transcode(Values root) {
    return new TranscodeConfig(
        root.get(Schema.TRANSCODE_ISOLATION),
        root.get(Schema.TRANSCODE_MEMORY),
        root.get(Schema.TRANSCODE_NICE),
        root.get(Schema.TRANSCODE_HANG_AFTER),
        root.get(Schema.TRANSCODE_MAX_FAILURES),
        root.find(Schema.TRANSCODE_CGROUP),
        readableFile(root, Schema.TRANSCODE_VMAF));
  }

  private @Nullable EdgeConfig edge(Values root) {
    List<URI> origins = root.list(Schema.ORIGINS);
    if (root.get(Schema.ROLE) == Schema.Role.ORIGIN) {
      for (Key<?> key :
          List.of(
              Schema.ORIGINS,
              Schema.EDGE_CA,
              Schema.EDGE_PINS,
              Schema.EDGE_MEMORY,
              Schema.EDGE_STALE,
              Schema.EDGE_DISK_DIR,
              Schema.EDGE_DISK_SIZE)) {
        refuse(root, "", key, "is for an edge: set role to edge");
      }
      return null;
    }
    if (origins.isEmpty()) {
      error(
          root.where(Schema.ROLE),
          Schema.ORIGINS.path(),
          "is missing: an edge needs an origin, such as https://origin.example:8443");
    }
    for (URI origin : origins) {
      if (!origin.getPath().isEmpty() && !origin.getPath().equals("/")) {
        refuse(
            root, "", Schema.ORIGINS, Text.quoted("" + origin) + " has a path: give host and port");
      }
    }
    if (root.isGiven(Schema.EDGE_CA) && root.isGiven(Schema.EDGE_PINS)) {
      refuse(root, "", Schema.EDGE_CA, "means nothing beside edge.pins: give one of them");
    }
    if (root.isGiven(Schema.EDGE_DISK_SIZE) && !root.isGiven(Schema.EDGE_DISK_DIR)) {
      refuse(root, "", Schema.EDGE_DISK_SIZE, "means nothing without edge.disk.dir");
    }
    return new EdgeConfig(
        origins,
        readableFile(root, Schema.EDGE_CA),
        root.list(Schema.EDGE_PINS),
        root.get(Schema.EDGE_MEMORY),
        root.get(Schema.EDGE_STALE),
        root.isGiven(Schema.EDGE_DISK_DIR) ? directory(root, Schema.EDGE_DISK_DIR) : null,
        root.get(Schema.EDGE_DISK_SIZE));
  }

  private boolean acceptUnlisted(Values root, List<StreamRule> streams) {
    boolean accept =
        switch (root.get(Schema.UNLISTED)) {
          case ACCEPT -> true;
          case REFUSE -> false;
        };
    if (!accept && streams.isEmpty()) {
      error(
          root.where(Schema.UNLISTED),
          Schema.UNLISTED.path(),
          "refuses everybody while streams has no pattern: add one, such as live/*");
    }
    return accept;
  }

  private Listen listen(Values root) {
    Listen listen =
        new Listen(
            forPublishers(root, Schema.RTMP),
            forPublishers(root, Schema.RTMPS),
            forPublishers(root, Schema.SRT),
            root.get(Schema.HTTPS).orElse(null),
            root.get(Schema.HTTP3),
            root.get(Schema.HTTP).orElse(null),
            root.get(Schema.ADMIN).orElse(null));
    Map<String, Position> places = new HashMap<>();
    for (var key : List.of(Schema.RTMP, Schema.RTMPS, Schema.HTTPS, Schema.HTTP, Schema.ADMIN)) {
      places.put(key.path(), root.where(key));
    }
    Map<String, Endpoint> earlier = new LinkedHashMap<>();
    listen
        .enabled()
        .forEach(
            (key, endpoint) -> {
              earlier.forEach(
                  (other, taken) -> {
                    if (overlap(endpoint, taken)) {
                      error(
                          places.getOrDefault(key, Position.NONE),
                          key,
                          endpoint + " is already the address of " + other + " (" + taken + ")");
                    }
                  });
              earlier.put(key, endpoint);
            });
    Endpoint srt = listen.srt();
    Endpoint https = listen.https();
    if (srt != null && https != null && listen.http3() && overlap(srt, https)) {
      error(
          root.where(Schema.SRT),
          Schema.SRT.path(),
          srt + " is already the address of HTTP/3 on udp (listen.https, listen.http3)");
    }
    return listen;
  }

  /** An edge listens to publishers only where it is told to. */
  private static @Nullable Endpoint forPublishers(Values root, Key<Optional<Endpoint>> key) {
    boolean edge = root.get(Schema.ROLE) == Schema.Role.EDGE;
    return edge && !root.isGiven(key) ? null : root.get(key).orElse(null);
  }

  private static boolean overlap(Endpoint a, Endpoint b) {
    return a.port() != 0
        && a.port() == b.port()
        && (a.host().isEmpty() || b.host().isEmpty() || a.host().equalsIgnoreCase(b.host()));
  }

  private Tls tls(Values root) {
    if (root.isGiven(Schema.TLS_CERTIFICATE) != root.isGiven(Schema.TLS_KEY)) {
      Key<Path> given = root.isGiven(Schema.TLS_KEY) ? Schema.TLS_KEY : Schema.TLS_CERTIFICATE;
      error(
          root.where(given),
          given.path(),
          "tls.certificate and tls.key go together: give both, or neither for a self-signed one");
    }
    List<Tls.Certificate> certificates = new ArrayList<>();
    Path first = readableFile(root, Schema.TLS_CERTIFICATE);
    Path firstKey = readableFile(root, Schema.TLS_KEY);
    if (first != null && firstKey != null) {
      certificates.add(
          new Tls.Certificate(first, firstKey, Set.of(), readableFile(root, Schema.TLS_OCSP)));
    } else {
      refuse(root, "", Schema.TLS_OCSP, "is about tls.certificate, which is not given");
    }
    for (Member member : root.members(Schema.TLS_MORE)) {
      Values values = member.values();
      Path certificate = readableFile(values, member.name() + ".", Schema.TLS_MORE_CERTIFICATE);
      Path key = readableFile(values, member.name() + ".", Schema.TLS_MORE_KEY);
      if (certificate != null && key != null) {
        certificates.add(
            new Tls.Certificate(
                certificate,
                key,
                Set.copyOf(values.list(Schema.TLS_MORE_NAMES)),
                readableFile(values, member.name() + ".", Schema.TLS_MORE_OCSP)));
      }
    }
    return new Tls(
        certificates,
        root.get(Schema.TLS_ENGINE),
        root.get(Schema.TLS_EARLY_DATA),
        root.get(Schema.TLS_OCSP_STAPLING),
        root.find(Schema.TLS_TICKET_KEYS_FILE));
  }

  private @Nullable Path readableFile(Values root, Key<Path> key) {
    return readableFile(root, "", key);
  }

  private @Nullable Path readableFile(Values root, String path, Key<Path> key) {
    Path file = root.find(key);
    if (file != null && !Files.isReadable(file)) {
      error(
          root.where(key),
          path + key.path(),
          Text.quoted(file.toString())
              + (Files.exists(file) ? " may not be read by this user" : ": no such file"));
    } else if (file != null && !Files.isRegularFile(file)) {
      error(root.where(key), path + key.path(), Text.quoted(file.toString()) + " is not a file");
    }
    return file;
  }

  private Path directory(Values root, Key<Path> key) {
    Path directory = root.get(key);
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      error(root.where(key), key.path(), Text.quoted(directory.toString()) + " is not a directory");
    }
    return directory;
  }

  private static Limits limits(Values root) {
    return new Limits(
        root.get(Schema.PUBLISHER_BUFFER),
        root.get(Schema.PUBLISHERS),
        root.get(Schema.UNAUTHENTICATED_PER_ADDRESS),
        root.get(Schema.HANDSHAKE),
        root.get(Schema.AUTHENTICATION),
        root.get(Schema.PUBLISHER_IDLE),
        root.get(Schema.VIEWERS),
        root.get(Schema.VIEWERS_PER_ADDRESS),
        root.get(Schema.VIEWER_CONNECTS),
        root.get(Schema.VIEWER_IDLE),
        root.get(Schema.VIEWER_STALLED));
  }

  private StreamPolicy policy(
      Member member, Map<String, LadderConfig> ladders, List<PushTarget> push) {
    Values values = member.values();
    String path = "streams." + member.name() + ".";
    String ladder = values.get(Schema.LADDER);
    Duration window = values.get(Schema.WINDOW);
    LadderConfig found = ladders.get(ladder);
    if (found == null) {
      String near = Text.nearest(ladder, ladders.keySet());
      error(
          values.where(Schema.LADDER),
          path + Schema.LADDER.path(),
          "there is no ladder "
              + Text.quoted(ladder)
              + (near == null ? " in ladders" : "; did you mean " + near + "?"));
    } else if (window.compareTo(found.segment().multipliedBy(LEAST_SEGMENTS)) < 0) {
      error(
          values.where(Schema.WINDOW),
          member.name().isEmpty() ? "ladders." + ladder + ".segment" : path + Schema.WINDOW.path(),
          "a window of "
              + window.toMillis()
              + "ms holds fewer than "
              + LEAST_SEGMENTS
              + " segments of "
              + found.segment().toMillis()
              + "ms");
    }
    StreamPolicy.OnConflict onConflict =
        switch (values.get(Schema.ON_CONFLICT)) {
          case REJECT -> StreamPolicy.OnConflict.REJECT;
          case TAKEOVER -> StreamPolicy.OnConflict.TAKEOVER;
          case BACKUP -> StreamPolicy.OnConflict.BACKUP;
        };
    return new StreamPolicy(
        values.list(Schema.PUBLISH_KEYS),
        publishWebhook(values, path),
        onConflict,
        values.find(Schema.PASSPHRASE),
        failover(values),
        signalLoss(values),
        pull(member, path),
        play(values, path),
        protection(values, path, found),
        ladder,
        values.get(Schema.GRACE),
        window,
        startBehind(values, path, found),
        dvr(values, path),
        record(values, path),
        new Subtitles(values.list(Schema.SUBTITLE_LANGUAGES), values.find(Schema.SUBTITLE_CEA608)),
        push);
  }

  private @Nullable WebhookConfig publishWebhook(Values values, String path) {
    WebhookConfig webhook = WebhookKeys.PUBLISH.read(values, webhookProblems(values, path));
    if (values.isGiven(WebhookKeys.PUBLISH.url())) {
      refuse(
          values,
          path,
          Schema.PUBLISH_KEYS,
          "are not looked at beside publish.webhook: give one of them");
    }
    return webhook;
  }

  /** A publisher that is not let in by then is closed, whatever its webhook says. */
  private void checkPatience(Member member, StreamPolicy policy, Limits limits) {
    WebhookConfig webhook = policy.publishWebhook();
    if (webhook != null && webhook.timeout().compareTo(limits.authentication()) >= 0) {
      Key<Duration> timeout = WebhookKeys.PUBLISH.timeout();
      error(
          member.values().where(timeout),
          "streams." + member.name() + "." + timeout.path(),
          "is no less than limits.authentication, when publishers are closed that may not yet"
              + " publish: "
              + limits.authentication().toMillis()
              + "ms");
    }
  }

  private WebhookKeys.Problems webhookProblems(Values values, String path) {
    return new WebhookKeys.Problems() {
      @Override
      public void add(Key<?> key, String text) {
        error(values.where(key), path + key.path(), text);
      }

      @Override
      public @Nullable Path readable(Key<Path> key) {
        return readableFile(values, path, key);
      }
    };
  }

  private PushKeys.Problems pushProblems() {
    return new PushKeys.Problems() {
      @Override
      public void add(Values values, String path, Key<?> key, String text) {
        error(values.where(key), path + key.path(), text);
      }

      @Override
      public void warn(Values values, String path, Key<?> key, String text) {
        problems.add(
            new ConfigProblem(
                Severity.WARNING, values.where(key), Text.printable(path + key.path()), text));
      }

      @Override
      public @Nullable Path readable(Values values, String path, Key<Path> key) {
        return readableFile(values, path, key);
      }
    };
  }

  private PlayPolicy play(Values values, String path) {
    WebhookConfig webhook = WebhookKeys.PLAY.read(values, webhookProblems(values, path));
    Path file = readableFile(values, Schema.PLAY_KEY_FILE);
    boolean tokens =
        switch (values.get(Schema.PLAY_TOKENS)) {
          case NONE -> false;
          case REQUIRED -> true;
        };
    if (!values.isGiven(Schema.PLAY_KEY_FILE)) {
      if (tokens) {
        refuse(values, path, Schema.PLAY_TOKENS, "needs play.key_file (millrace secret play-key)");
      }
      return new PlayPolicy(tokens, List.of(), webhook);
    }
    try {
      return new PlayPolicy(
          tokens,
          file == null || !Files.isRegularFile(file) ? List.of() : PlayKey.load(file),
          webhook);
    } catch (IOException | IllegalArgumentException e) {
      refuse(values, path, Schema.PLAY_KEY_FILE, String.valueOf(e.getMessage()));
      return new PlayPolicy(tokens, List.of(), webhook);
    }
  }

  private @Nullable DvrPolicy dvr(Values values, String path) {
    Duration dvr = values.get(Schema.DVR);
    if (!dvr.isZero()) {
      return new DvrPolicy(dvr, values.get(Schema.DVR_MAX_SIZE));
    }
    refuse(values, path, Schema.DVR_MAX_SIZE, "keeps nothing without " + Schema.DVR.path());
    return null;
  }

  /** RFC 8216bis §4.4.2.2: inside the playlist, and not where there may be nothing yet. */
  private Duration startBehind(Values values, String path, @Nullable LadderConfig ladder) {
    Duration behind = values.get(Schema.START_BEHIND);
    if (behind.isZero() || ladder == null) {
      return behind;
    }
    Duration dvr = values.get(Schema.DVR);
    Duration window = values.get(Schema.WINDOW);
    window = dvr.compareTo(window) > 0 ? dvr : window;
    Duration least = ladder.segment().multipliedBy(LEAST_SEGMENTS);
    if (behind.compareTo(window) > 0) {
      refuse(
          values,
          path,
          Schema.START_BEHIND,
          "is beyond what the playlists list, a window of " + window.toMillis() + "ms");
    } else if (ladder.part().isZero() && behind.compareTo(least) < 0) {
      refuse(
          values,
          path,
          Schema.START_BEHIND,
          "is less than three segments, which players need where there are no parts: "
              + least.toMillis()
              + "ms");
    }
    return behind;
  }

  private @Nullable RecordPolicy record(Values values, String path) {
    UploadPolicy upload = upload(values, path);
    if (!values.isGiven(Schema.RECORD_TO)) {
      for (Key<?> key :
          List.of(
              Schema.RECORD_FORMAT,
              Schema.RECORD_MAX_DURATION,
              Schema.RECORD_MAX_SIZE,
              Schema.UPLOAD_BUCKET)) {
        if (values.isGiven(key)) {
          error(
              values.where(key),
              path + key.path(),
              "records nothing without " + Schema.RECORD_TO.path() + ": give a directory");
        }
      }
      return null;
    }
    RecordPolicy.Format format =
        switch (values.get(Schema.RECORD_FORMAT)) {
          case FMP4 -> RecordPolicy.Format.FMP4;
          case HLS -> RecordPolicy.Format.HLS;
        };
    return new RecordPolicy(
        directory(values, Schema.RECORD_TO),
        format,
        values.get(Schema.RECORD_MAX_DURATION),
        values.get(Schema.RECORD_MAX_SIZE),
        upload);
  }

  private @Nullable UploadPolicy upload(Values values, String path) {
    String bucket = values.find(Schema.UPLOAD_BUCKET);
    if (!values.isGiven(Schema.UPLOAD_BUCKET)) {
      for (Key<?> key :
          List.of(
              Schema.UPLOAD_ENDPOINT,
              Schema.UPLOAD_PREFIX,
              Schema.UPLOAD_REGION,
              Schema.UPLOAD_ACCESS_KEY,
              Schema.UPLOAD_SECRET_KEY,
              Schema.UPLOAD_DELETE)) {
        if (values.isGiven(key)) {
          error(
              values.where(key),
              path + key.path(),
              "uploads nothing without " + Schema.UPLOAD_BUCKET.path());
        }
      }
    }
    if (values.isGiven(Schema.UPLOAD_ACCESS_KEY) != values.isGiven(Schema.UPLOAD_SECRET_KEY)) {
      Key<String> given =
          values.isGiven(Schema.UPLOAD_ACCESS_KEY)
              ? Schema.UPLOAD_ACCESS_KEY
              : Schema.UPLOAD_SECRET_KEY;
      error(
          values.where(given),
          path + given.path(),
          "access_key and secret_key go together: give both, or neither for those of the"
              + " environment");
    }
    String prefix = values.find(Schema.UPLOAD_PREFIX);
    String accessKey = values.find(Schema.UPLOAD_ACCESS_KEY);
    String secretKey = values.find(Schema.UPLOAD_SECRET_KEY);
    return bucket == null
        ? null
        : new UploadPolicy(
            values.find(Schema.UPLOAD_ENDPOINT),
            bucket,
            prefix == null ? "" : prefix,
            values.get(Schema.UPLOAD_REGION),
            accessKey == null || secretKey == null
                ? null
                : new UploadPolicy.Credentials(accessKey, secretKey),
            values.get(Schema.UPLOAD_DELETE));
  }

  /** Null where media stays clear, or a problem was added. */
  private @Nullable ProtectionConfig protection(
      Values values, String path, @Nullable LadderConfig ladder) {
    Scheme scheme = values.get(Schema.PROTECT_SCHEME).orElse(null);
    boolean cpix = values.get(Schema.PROTECT_KEYS) == Schema.KeySource.CPIX;
    boolean aes128 = scheme == Scheme.AES_128;
    if (scheme == null) {
      for (Key<?> key : PROTECTION_DETAILS) {
        refuse(values, path, key, "has no effect while protect.scheme is off");
      }
      return null;
    }
    if (!cpix) {
      String rule = "is for keys from a key server: set protect.keys to cpix";
      refuse(values, path, Schema.PROTECT_KEY_SERVER, rule);
      refuse(values, path, Schema.PROTECT_SYSTEMS, rule);
    } else if (!values.isGiven(Schema.PROTECT_KEY_SERVER)) {
      refuse(values, path, Schema.PROTECT_KEYS, "needs protect.key_server");
    } else if (aes128) {
      refuse(values, path, Schema.PROTECT_KEYS, "aes-128 takes no keys from a key server");
    }
    if (cpix) {
      refuse(values, path, Schema.PROTECT_BASE_URL, "is for licences of this server (clearkey)");
    }
    if (values.isGiven(Schema.RECORD_TO)) {
      refuse(
          values,
          path,
          Schema.PROTECT_SCHEME,
          "a recording would be encrypted and without its keys: take record.to out of this rule");
    }
    if (!values.get(Schema.DVR).isZero()) {
      refuse(
          values,
          path,
          Schema.PROTECT_SCHEME,
          "what is kept on disk would outlive its keys: take dvr out of this rule");
    }
    Duration rotate = values.get(Schema.PROTECT_ROTATE);
    if (ladder != null) {
      Duration least = ladder.segment().multipliedBy(LEAST_SEGMENTS);
      if (!rotate.isZero() && rotate.compareTo(least) < 0) {
        refuse(values, path, Schema.PROTECT_ROTATE, "is shorter than three segments: " + least);
      }
      if (aes128 && !ladder.part().isZero()) {
        refuse(
            values,
            path,
            Schema.PROTECT_SCHEME,
            "aes-128 encrypts whole segments and excludes low-latency parts: set the ladder's part"
                + " to off, or use cbcs");
      }
    }
    URI base = values.find(Schema.PROTECT_BASE_URL);
    return new ProtectionConfig(
        scheme,
        rotate,
        cpix ? values.find(Schema.PROTECT_KEY_SERVER) : null,
        values.list(Schema.PROTECT_SYSTEMS),
        base == null ? "" : base.toString().replaceFirst("/+$", ""));
  }

  private void refuse(Values values, String path, Key<?> key, String rule) {
    if (values.isGiven(key)) {
      error(values.where(key), path + key.path(), rule);
    }
  }

  private static Failover failover(Values values) {
    return new Failover(
        values.get(Schema.FAILOVER_AFTER),
        values.get(Schema.FAILOVER_RETURN_AFTER),
        values.get(Schema.FAILOVER_FROZEN),
        values.get(Schema.FAILOVER_BLACK),
        values.get(Schema.FAILOVER_SILENT));
  }

  private @Nullable SignalLoss signalLoss(Values values) {
    Path image = readableFile(values, Schema.LOSS_IMAGE);
    SignalLoss.Then then =
        switch (values.get(Schema.LOSS_THEN)) {
          case OFF -> null;
          case SLATE -> SignalLoss.Then.SLATE;
          case FREEZE -> SignalLoss.Then.FREEZE;
          case BLACK -> SignalLoss.Then.BLACK;
        };
    return then == null
        ? null
        : new SignalLoss(
            values.get(Schema.LOSS_AFTER),
            values.get(Schema.LOSS_HOLD),
            then,
            image,
            values.get(Schema.LOSS_END_AFTER));
  }

  private List<URI> pull(Member member, String path) {
    List<URI> sources = member.values().list(Schema.PULL);
    if (!sources.isEmpty() && member.name().indexOf('*') >= 0) {
      error(
          member.values().where(Schema.PULL),
          path + Schema.PULL.path(),
          "needs a rule of one stream: "
              + Text.quoted(member.name())
              + " is a pattern, and each of its streams would be the same");
    }
    if (sources.size() > 1 && member.values().get(Schema.ON_CONFLICT) != Schema.Conflict.BACKUP) {
      error(
          member.values().where(Schema.PULL),
          path + Schema.PULL.path(),
          "two sources need publish.on_conflict: backup, or the second one is refused");
    }
    return sources;
  }

  /**
   * @param path what stands in front of its keys
   */
  LadderConfig ladder(Member member, String path) {
    Values values = member.values();
    List<Member> rungs = values.members(Schema.VIDEO);
    if (rungs.isEmpty()) {
      error(member.where(), path + "video", "is missing: a ladder has one rendition or more");
    }
    List<Video> video = new ArrayList<>();
    Set<String> names = new HashSet<>();
    boolean passthrough = false;
    for (Member rung : rungs) {
      Video made = video(rung);
      if (made == null) {
        continue;
      }
      video.add(made);
      Position where = rung.values().where(Schema.VIDEO_NAME);
      String key = rung.name() + ".name";
      if (!names.add(made.name())) {
        error(where, key, "a second rendition " + made.name() + ": names are unique");
      }
      if (SHED_WORDS.contains(made.name())) {
        error(where, key, Text.quoted(made.name()) + " means something else in budget.shed");
      }
      if (made.name().equals("audio")) {
        error(where, key, "\"audio\" is the name of the audio rendition; choose another one");
      }
      if (made instanceof Video.Passthrough) {
        if (passthrough) {
          error(where, rung.name(), "a second passthrough rendition would be the same video again");
        }
        passthrough = true;
      }
    }
    for (String shed : values.list(Schema.BUDGET_SHED)) {
      if (SHED_WORDS.contains(shed)) {
        continue;
      }
      if (video.stream()
          .anyMatch(it -> it instanceof Video.Passthrough && it.name().equals(shed))) {
        error(
            values.where(Schema.BUDGET_SHED),
            path + "budget.shed",
            Text.quoted(shed) + " is passed through: it takes no CPU and is never given up");
      }
      if (!names.contains(shed)) {
        error(
            values.where(Schema.BUDGET_SHED),
            path + "budget.shed",
            "there is no rendition " + Text.quoted(shed) + " in this ladder");
      }
    }
    Duration segment = values.get(Schema.SEGMENT);
    for (Member rung : rungs) {
      Duration gop = rung.values().find(Schema.VIDEO_GOP);
      if (gop != null && gop.compareTo(segment) > 0) {
        error(
            rung.values().where(Schema.VIDEO_GOP),
            rung.name() + ".gop",
            "every segment begins with a key frame: no longer than segment, or left out");
      }
    }
    Duration part = values.get(Schema.PART);
    if (part.compareTo(segment) > 0) {
      error(values.where(Schema.PART), path + "part", "a part is no longer than its segment");
    }
    return new LadderConfig(
        segment,
        part,
        audio(values),
        video,
        values.get(Schema.HDR),
        values.get(Schema.UPSCALE),
        values.get(Schema.IDLE_AFTER),
        new LadderConfig.Budget(values.get(Schema.BUDGET_CPU), values.list(Schema.BUDGET_SHED)));
  }

  private Audio audio(Values ladder) {
    List<Member> audio = ladder.members(Schema.AUDIO);
    if (audio.isEmpty()) {
      return new Audio.Passthrough();
    }
    Member only = audio.getFirst();
    if (!only.values().get(Schema.AUDIO_PASSTHROUGH)) {
      boolean opus = only.values().get(Schema.AUDIO_CODEC) == Schema.AudioWord.OPUS;
      return new Audio.Encoded(
          opus ? AudioCodec.OPUS : AudioCodec.AAC,
          only.values().get(Schema.AUDIO_BITRATE),
          only.values().find(Schema.AUDIO_LOUDNESS));
    }
    refuseBesidePassthrough(
        only, List.of(Schema.AUDIO_CODEC, Schema.AUDIO_BITRATE, Schema.AUDIO_LOUDNESS));
    return new Audio.Passthrough();
  }

  private void refuseBesidePassthrough(Member rendition, List<Key<?>> keys) {
    for (Key<?> key : keys) {
      if (rendition.values().isGiven(key)) {
        error(
            rendition.values().where(key),
            rendition.name() + "." + key.path(),
            "a passthrough rendition is not encoded: leave out "
                + key.path()
                + " or passthrough: true");
      }
    }
  }

  /** Null where it cannot be made; the problem has been added. */
  private @Nullable Video video(Member rung) {
    Values values = rung.values();
    List<Key<?>> encoding = List.of(Schema.VIDEO_CODEC, Schema.VIDEO_HEIGHT, Schema.VIDEO_BITRATE);
    String name = values.find(Schema.VIDEO_NAME);
    if (values.get(Schema.VIDEO_PASSTHROUGH)) {
      refuseBesidePassthrough(rung, encoding);
      refuseBesidePassthrough(rung, OPTIONS);
      return name == null ? null : new Video.Passthrough(name);
    }
    for (Key<?> key : encoding) {
      if (!values.isGiven(key)) {
        error(
            rung.where(),
            rung.name() + "." + key.path(),
            "is missing: an encoded rendition needs codec, height and bitrate");
      }
    }
    VideoCodec codec = values.find(Schema.VIDEO_CODEC);
    Integer height = values.find(Schema.VIDEO_HEIGHT);
    Long bitrate = values.find(Schema.VIDEO_BITRATE);
    EncoderOptions options = options(values);
    if (codec != null) {
      checkOptions(rung, codec, options);
    }
    if (name == null || codec == null || height == null || bitrate == null) {
      return null;
    }
    return new Video.Encoded(
        name,
        codec,
        height,
        bitrate,
        values.find(Schema.VIDEO_PRESET),
        values.get(Schema.VIDEO_PROFILE),
        values.find(Schema.VIDEO_FPS),
        options,
        values.get(Schema.VIDEO_WHEN) == Schema.When.WATCHED);
  }

  private static EncoderOptions options(Values values) {
    RateMode rate = values.find(Schema.VIDEO_RATE);
    Integer crf = values.find(Schema.VIDEO_CRF);
    Integer bFrames = values.find(Schema.VIDEO_BFRAMES);
    Duration gop = values.find(Schema.VIDEO_GOP);
    Integer vmaf = values.find(Schema.VIDEO_VMAF);
    return new EncoderOptions(
        values.get(Schema.VIDEO_ENCODER),
        values.get(Schema.VIDEO_FALLBACK),
        rate == null ? RateMode.PROFILE : rate,
        crf == null ? EncoderOptions.UNSET : crf,
        bFrames == null ? EncoderOptions.UNSET : bFrames,
        gop == null ? 0 : Math.toIntExact(gop.toMillis()),
        values.get(Schema.VIDEO_TUNE),
        vmaf == null ? EncoderOptions.UNSET : vmaf);
  }

  /** Nothing is compared without a program to do it. */
  private void checkTargets(Values root, Member ladder) {
    if (root.find(Schema.TRANSCODE_VMAF) != null) {
      return;
    }
    for (Member rung : ladder.values().members(Schema.VIDEO)) {
      if (rung.values().find(Schema.VIDEO_VMAF) != null) {
        error(
            rung.values().where(Schema.VIDEO_VMAF),
            rung.name() + "." + Schema.VIDEO_VMAF.path(),
            "needs transcode.vmaf: the program that measures it");
      }
    }
  }

  private void checkOptions(Member rung, VideoCodec codec, EncoderOptions options) {
    Profile profile = rung.values().get(Schema.VIDEO_PROFILE);
    String given = rung.values().find(Schema.VIDEO_PRESET);
    String preset = given == null ? options.engine().resolve(codec).usualPreset(profile) : given;
    for (EncoderRules.Broken broken : EncoderRules.broken(codec, profile, preset, options)) {
      Key<?> key =
          OPTIONS.stream()
              .filter(it -> it.path().equals(broken.key()))
              .findFirst()
              .orElse(Schema.VIDEO_CODEC);
      error(rung.values().where(key), rung.name() + "." + broken.key(), broken.text());
    }
  }

  private void error(Position where, String key, String text) {
    problems.add(new ConfigProblem(Severity.ERROR, where, Text.printable(key), text));
  }
}
