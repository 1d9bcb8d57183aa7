package io.millrace.server.config;

import static io.millrace.server.config.ValueTypes.argon2Hash;
import static io.millrace.server.config.ValueTypes.bitrate;
import static io.millrace.server.config.ValueTypes.choice;
import static io.millrace.server.config.ValueTypes.duration;
import static io.millrace.server.config.ValueTypes.durationOrOff;
import static io.millrace.server.config.ValueTypes.endpoint;
import static io.millrace.server.config.ValueTypes.fingerprint;
import static io.millrace.server.config.ValueTypes.flag;
import static io.millrace.server.config.ValueTypes.frameRate;
import static io.millrace.server.config.ValueTypes.httpUrl;
import static io.millrace.server.config.ValueTypes.integer;
import static io.millrace.server.config.ValueTypes.languageTag;
import static io.millrace.server.config.ValueTypes.loudness;
import static io.millrace.server.config.ValueTypes.matching;
import static io.millrace.server.config.ValueTypes.name;
import static io.millrace.server.config.ValueTypes.passphrase;
import static io.millrace.server.config.ValueTypes.path;
import static io.millrace.server.config.ValueTypes.percent;
import static io.millrace.server.config.ValueTypes.secretText;
import static io.millrace.server.config.ValueTypes.sizeBytes;
import static io.millrace.server.config.ValueTypes.srtUrl;
import static io.millrace.server.config.ValueTypes.storage;
import static io.millrace.server.config.ValueTypes.streamPattern;
import static io.millrace.server.config.ValueTypes.udpEndpoint;
import static io.millrace.server.config.ValueTypes.uuid;
import static io.millrace.server.config.ValueTypes.webUrl;

import io.millrace.codec.Engine;
import io.millrace.codec.Fallback;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder.HdrMode;
import io.millrace.codec.ladder.Ladder.Upscale;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import io.millrace.server.auth.Argon2Hash;
import io.millrace.server.config.ProtectionConfig.Scheme;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The table of every configuration key. Reading, checks, defaults, {@code millrace check}, the
 * nearest right name and {@code docs/configuration.md} all come from here.
 */
final class Schema {
  /** Words of {@code on_conflict}. */
  enum Conflict {
    REJECT,
    TAKEOVER,
    BACKUP
  }

  /** Words of {@code role}. */
  enum Role {
    ORIGIN,
    EDGE
  }

  /** Words of {@code publish.unlisted}. */
  enum Unlisted {
    ACCEPT,
    REFUSE
  }

  /** Words of {@code audio[].codec}. */
  enum AudioWord {
    AAC,
    OPUS
  }

  /** Words of {@code on_signal_loss.then}. */
  enum SignalLossWord {
    OFF,
    SLATE,
    FREEZE,
    BLACK
  }

  /** Words of {@code protect.keys}. */
  enum KeySource {
    CLEARKEY,
    CPIX
  }

  /** Words of {@code record.format}. */
  enum RecordFormat {
    FMP4,
    HLS
  }

  /** Words of {@code play.tokens}. */
  enum Tokens {
    NONE,
    REQUIRED
  }

  /** Words of {@code video[].when}. */
  enum When {
    ALWAYS,
    WATCHED
  }

  static final Key<Role> ROLE =
      Key.of(
          "role",
          choice(Role.class),
          "origin",
          "`origin`: takes streams in and serves them; `edge`: serves those of other servers (see"
              + " [edge](edge.md)), and listens to publishers only where `listen.rtmp`, `.rtmps` or"
              + " `.srt` are given");
  static final Key<URI> ORIGINS =
      Key.listOf(
          "origins",
          httpUrl(),
          16,
          "with `role: edge`: the servers that streams are fetched from, `https://HOST:PORT`"
              + " (TLS 1.3, HTTP/2) or `http://HOST:PORT`; each stream from one of them, from"
              + " another one when that fails");
  static final Key<Path> EDGE_CA =
      Key.of(
          "edge.ca",
          path(),
          null,
          "PEM certificates that origins are known by; without it, and without `edge.pins`, those"
              + " of the Java platform");
  static final Key<String> EDGE_PINS =
      Key.listOf(
          "edge.pins",
          fingerprint(),
          32,
          "SHA-256 of the origins' certificates, as a server prints its own at the start: only"
              + " these are trusted then, self-signed or not");
  static final Key<Long> EDGE_MEMORY =
      Key.of(
          "edge.memory",
          storage("4MiB", "1TiB"),
          "256MiB",
          "for what an edge keeps (three quarters) and is fetching (one); no object larger than a"
              + " sixteenth is kept. Part of Java's heap");
  static final Key<Duration> EDGE_STALE =
      Key.of(
          "edge.stale",
          duration("0s", "10m"),
          "30s",
          "how long an edge makes do without an origin that answers: it shows the playlists that it"
              + " has, and holds requests for media that it has not");
  static final Key<Path> EDGE_DISK_DIR =
      Key.of(
          "edge.disk.dir",
          path(),
          null,
          "where an edge keeps media that has no room in `edge.memory`, this server's alone; it"
              + " outlives a restart. Nothing on disk when left out");
  static final Key<Long> EDGE_DISK_SIZE =
      Key.of(
          "edge.disk.max_size",
          storage("64MiB", "64TiB"),
          "10GiB",
          "of all that is in `edge.disk.dir`; no object larger than a sixteenth is written there");

  static final Key<Optional<Endpoint>> RTMP =
      Key.of("listen.rtmp", endpoint(), ":1935", "RTMP from publishers");
  static final Key<Optional<Endpoint>> RTMPS =
      Key.of("listen.rtmps", endpoint(), ":1936", "RTMP inside TLS, from publishers");
  static final Key<Optional<Endpoint>> SRT =
      Key.of("listen.srt", udpEndpoint(), ":8890/udp", "SRT from publishers");
  static final Key<Optional<Endpoint>> HTTPS =
      Key.of(
          "listen.https",
          endpoint(),
          ":8443",
          "players: HTTP/1.1 and HTTP/2, TLS 1.3 only; with `listen.http3` HTTP/3 too");
  static final Key<Boolean> HTTP3 =
      Key.of(
          "listen.http3",
          flag(),
          "true",
          "HTTP/3 on the UDP port of `listen.https`; players learn of it by `Alt-Svc`");
  static final Key<Optional<Endpoint>> HTTP =
      Key.of(
          "listen.http",
          endpoint(),
          "127.0.0.1:8080",
          "the same in the clear, for a proxy on this machine");
  static final Key<Optional<Endpoint>> ADMIN =
      Key.of(
          "listen.admin",
          endpoint(),
          "127.0.0.1:9090",
          "API, metrics and health; has no login of its own, so keep it on loopback or behind one");

  static final Key<String> CORS_ORIGINS =
      Key.listOf(
          "web.cors_origins",
          matching(
              "an origin as browsers write it (https://tv.example, with a port where it is not the"
                  + " usual one)",
              "https?://(?:[a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}\\])(?::[0-9]{1,5})?"),
          64,
          "pages that may read playlists and media, with cookies; any page, without cookies, when"
              + " left out");
  static final Key<Duration> HSTS =
      Key.of(
          "web.hsts",
          duration("0s", "730d"),
          "0s",
          "tells browsers to use TLS alone with this host, on every port, for so long"
              + " (`Strict-Transport-Security`); `0s`: nothing is said");

  static final Key<Duration> SRT_LATENCY =
      Key.of(
          "srt.latency",
          duration("20ms", "30s"),
          "120ms",
          "least time that SRT has to repair losses; a publisher that asks for more gets it, up to"
              + " 30 s. Three to six round trips, the more the more is lost");

  static final Key<Path> TLS_CERTIFICATE =
      Key.of(
          "tls.certificate",
          path(),
          null,
          "PEM certificate chain, leaf first; without it a self-signed one is made and kept in"
              + " `data.dir`. Read again when the file changes");
  static final Key<Path> TLS_KEY =
      Key.of("tls.key", path(), null, "PEM private key of `tls.certificate`");
  static final Key<Tls.Engine> TLS_ENGINE =
      Key.of(
          "tls.engine",
          choice(Tls.Engine.class),
          "boringssl",
          "what does the work of HTTPS. `boringssl` is the fastest, and the only one with early data;"
              + " where the wanted one is not available the JDK does the work, and the log says so");
  static final Key<Boolean> TLS_EARLY_DATA =
      Key.of(
          "tls.early_data",
          flag(),
          "true",
          "TLS 1.3 early data (0-RTT): viewers that come back get playlists and media a round trip"
              + " sooner. Only reading routes, and no ClientHello twice");
  static final Key<Path> TLS_TICKET_KEYS_FILE =
      Key.of(
          "tls.ticket_keys_file",
          path(),
          null,
          "where the keys of session tickets outlive a restart, so that viewers resume after it; made"
              + " when there is none, and refused unless it is its owner's alone (mode 0600). Servers"
              + " that share it resume each other's sessions");
  static final Key<Boolean> TLS_OCSP_STAPLING =
      Key.of(
          "tls.ocsp_stapling",
          flag(),
          "true",
          "asks the OCSP responder that a certificate names, and shows clients what it says; does"
              + " nothing for certificates that name none, as most do");
  static final Key<Path> TLS_OCSP =
      Key.of(
          "tls.ocsp",
          path(),
          null,
          "a file with the OCSP response (DER) about `tls.certificate`, instead of asking; read again"
              + " when it changes");
  static final Key<Path> TLS_MORE_OCSP =
      Key.of("ocsp", path(), null, "a file with the OCSP response (DER) about the certificate");
  static final Key<Path> TLS_MORE_CERTIFICATE =
      Key.of("certificate", path(), null, "PEM certificate chain, leaf first").mustBeGiven();
  static final Key<Path> TLS_MORE_KEY =
      Key.of("key", path(), null, "PEM private key of the certificate").mustBeGiven();
  static final Key<String> TLS_MORE_NAMES =
      Key.listOf(
          "names",
          matching(
              "a host name, or *. before one", "(?:\\*\\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})"),
          64,
          "the names that it is for; those that stand in it when left out");
  static final Group TLS_MORE =
      Group.list(
          "tls.certificates",
          64,
          List.of(TLS_MORE_CERTIFICATE, TLS_MORE_KEY, TLS_MORE_NAMES, TLS_MORE_OCSP),
          "more certificates for HTTPS and RTMPS, chosen by the name that a client asks for, and of the same name"
              + " by whether it verifies ECDSA: an RSA one beside an ECDSA one is for those that do not."
              + " Without `tls.certificate`, the first is for clients that ask for no name");

  static final Key<Path> DATA_DIR =
      Key.of(
          "data.dir",
          path(),
          "data",
          "what must outlive a restart: certificate, first-start key, `ports.json`, DVR windows");
  static final Key<Long> DATA_DVR_MAX_SIZE =
      Key.of(
          "data.dvr_max_size",
          storage("1MiB", "16TiB"),
          "200GiB",
          "what the DVR windows of all streams may take on disk together; the oldest media goes"
              + " where it would be more");

  static final Key<LogConfig.Format> LOG_FORMAT =
      Key.of("log.format", choice(LogConfig.Format.class), "text", "one line an event, either way");
  static final Key<LogConfig.Level> LOG_LEVEL =
      Key.of("log.level", choice(LogConfig.Level.class), "info", "the least severe level written");

  static final Key<Integer> PUBLISHER_BUFFER =
      Key.of(
          "limits.publisher_buffer",
          sizeBytes("64KiB", "256MiB"),
          "24MiB",
          "held of one publisher's unfinished messages, so also the largest message taken (never"
              + " above 16 MiB)");
  static final Key<Integer> PUBLISHERS =
      Key.of(
          "limits.publishers",
          integer(1, 100_000),
          "1000",
          "RTMP and RTMPS connections, and as many over SRT");
  static final Key<Integer> UNAUTHENTICATED_PER_ADDRESS =
      Key.of(
          "limits.unauthenticated_per_address",
          integer(1, 100_000),
          "64",
          "RTMP connections from one address that have not published yet, and SRT handshakes");
  static final Key<Duration> HANDSHAKE =
      Key.of(
          "limits.handshake",
          duration("100ms", "1m"),
          "5s",
          "a publisher that has not finished the RTMP handshake by then is closed");
  static final Key<Duration> AUTHENTICATION =
      Key.of(
          "limits.authentication",
          duration("100ms", "5m"),
          "10s",
          "a publisher that has not begun to publish by then is closed");
  static final Key<Duration> PUBLISHER_IDLE =
      Key.of(
          "limits.publisher_idle",
          duration("1s", "1h"),
          "15s",
          "a publisher that sends no media for this long is ended");
  static final Key<Integer> VIEWERS =
      Key.of("limits.viewers", integer(1, 1_000_000), "20000", "HTTP and HTTPS connections");
  static final Key<Integer> VIEWERS_PER_ADDRESS =
      Key.of(
          "limits.viewers_per_address",
          integer(1, 1_000_000),
          "2000",
          "HTTP and HTTPS connections from one address");
  static final Key<Integer> VIEWER_CONNECTS =
      Key.of(
          "limits.viewer_connects",
          integer(1, 1_000_000),
          "500",
          "HTTP and HTTPS connections that one address may open in a second, and so many at once;"
              + " loopback, where a proxy is, has no such limit");
  static final Key<Duration> VIEWER_IDLE =
      Key.of(
          "limits.viewer_idle",
          duration("1s", "1h"),
          "1m",
          "an HTTP connection without a request for this long is closed");
  static final Key<Duration> VIEWER_STALLED =
      Key.of(
          "limits.viewer_stalled",
          duration("1s", "10m"),
          "20s",
          "an HTTP connection that takes no byte of its answer for this long is closed");

  static final Key<Path> SVT_AV1_LIBRARY =
      Key.of(
          "svtav1.library",
          path(),
          null,
          "an SVT-AV1 library (`libSvtAv1Enc.so`) to consider beside the system's and the bundled"
              + " one; the newest is used");

  static final Key<TranscodeConfig.Isolation> TRANSCODE_ISOLATION =
      Key.of(
          "transcode.isolation",
          choice(TranscodeConfig.Isolation.class),
          "process",
          "where streams are decoded and encoded: `process`: in a process for each stream, whose"
              + " crash costs that stream's rungs a segment or two and nobody else anything (see"
              + " [workers](workers.md)); `none`: in the server");
  static final Key<Long> TRANSCODE_MEMORY =
      Key.of(
          "transcode.memory",
          storage("128MiB", "1TiB"),
          "4GiB",
          "what one worker may take; one that takes more is ended and followed by another");
  static final Key<Integer> TRANSCODE_NICE =
      Key.of(
          "transcode.nice",
          integer(0, 19),
          "5",
          "how much workers stand back behind the server when there is not enough CPU (nice(1))");
  static final Key<Duration> TRANSCODE_HANG_AFTER =
      Key.of(
          "transcode.hang_after",
          duration("2s", "5m"),
          "10s",
          "a worker that does not use what it is given, or is not heard of, for this long is ended"
              + " and followed by another");
  static final Key<Integer> TRANSCODE_MAX_FAILURES =
      Key.of(
          "transcode.max_failures",
          integer(1, 1_000_000),
          "5",
          "so many workers in a row that end within 10 s pause a stream's ladder for a minute, then"
              + " for two, up to ten");
  static final Key<Path> TRANSCODE_CGROUP =
      Key.of(
          "transcode.cgroup",
          path(),
          null,
          "a group of cgroup v2 that the server may write, such as one that systemd delegates:"
              + " workers get groups of their own in it, with `transcode.memory` as their limit");

  static final Key<Path> TRANSCODE_VMAF =
      Key.of(
          "transcode.vmaf",
          path(),
          null,
          "libvmaf's program `vmaf`, 2.0 or later, by which rungs with `vmaf` are compared with"
              + " their source; needed by those");

  static final Key<Unlisted> UNLISTED =
      Key.of(
          "publish.unlisted",
          choice(Unlisted.class),
          "accept",
          "what a publisher gets whose stream no pattern of `streams` takes: the defaults, or a"
              + " refusal as not found (SRT 1404, RTMP `NetStream.Publish.BadName`)");

  static final Key<Argon2Hash> PUBLISH_KEYS =
      Key.listOf(
          "publish.keys",
          argon2Hash(),
          16,
          "hashes of the keys that may publish (`millrace secret hash`). Without any, loopback may"
              + " publish without a key, and everyone else with the one printed at the first start");
  static final Key<Conflict> ON_CONFLICT =
      Key.of(
          "publish.on_conflict",
          choice(Conflict.class),
          "reject",
          "a second publisher on a busy name: is refused, takes over, or becomes the backup"
              + " input (see `failover`)");
  static final Key<Passphrase> PASSPHRASE =
      Key.of(
          "publish.passphrase",
          passphrase(),
          null,
          "what SRT publishers encrypt with; one that does not, or with another one, is refused. An"
              + " SRT publisher that has it needs no key, unless `publish.keys` are given. Without"
              + " a passphrase, SRT publishers may not encrypt");
  static final Key<Duration> FAILOVER_AFTER =
      Key.of(
          "failover.after",
          duration("100ms", "10s"),
          "300ms",
          "with two inputs: the other one goes on air when picture or sound of this one has been"
              + " missing for so long");
  static final Key<Duration> FAILOVER_RETURN_AFTER =
      Key.of(
          "failover.return_after",
          duration("0s", "1d"),
          "10s",
          "the main input goes on air again when it has been whole for so long; `0s`: only when the"
              + " backup is lost");
  static final Key<Duration> FAILOVER_FROZEN =
      Key.of(
          "failover.frozen",
          duration("0s", "1h"),
          "0s",
          "the other input goes on air when the picture of this one has stood still for so long;"
              + " `0s`: never. Key frames are compared, so it takes two of them at least");
  static final Key<Duration> FAILOVER_BLACK =
      Key.of("failover.black", duration("0s", "1h"), "0s", "the same for a black picture");
  static final Key<Duration> FAILOVER_SILENT =
      Key.of("failover.silent", duration("0s", "1h"), "0s", "the same for silence");
  static final Key<URI> PULL =
      Key.listOf(
          "pull",
          srtUrl(),
          2,
          "SRT sources that this server calls, `srt://HOST:PORT?streamid=…&passphrase=…&latency=MS`;"
              + " the second one is the backup input");
  static final Key<Tokens> PLAY_TOKENS =
      Key.of(
          "play.tokens",
          choice(Tokens.class),
          "none",
          "whether viewers need a playback token (see [access](access.md))");
  static final Key<Path> PLAY_KEY_FILE =
      Key.of(
          "play.key_file",
          path(),
          null,
          "the keys that playback tokens are signed with, a line each (`millrace secret play-key`):"
              + " all are taken, the first signs");
  static final Key<Optional<Scheme>> PROTECT_SCHEME =
      Key.of(
          "protect.scheme",
          choice(schemes()),
          "off",
          "encrypts the media: `cbcs` and `cenc` (Common Encryption, HLS and DASH), `aes-128` (whole"
              + " segments: HLS only, and only where the ladder's `part` is `off`)");
  static final Key<Duration> PROTECT_ROTATE =
      Key.of(
          "protect.rotate",
          duration("0s", "7d"),
          "0s",
          "another key after so long, from the next segment on; `0s`: one key for ever. At least"
              + " three segments");
  static final Key<KeySource> PROTECT_KEYS =
      Key.of(
          "protect.keys",
          choice(KeySource.class),
          "clearkey",
          "`clearkey`: this server derives the keys from the secret in `data.dir`, and gives them to"
              + " everyone who may play; `cpix`: from a key server");
  static final Key<URI> PROTECT_KEY_SERVER =
      Key.of(
          "protect.key_server",
          webUrl(),
          null,
          "where CPIX documents are posted to (`keys: cpix`); a user and password in it are sent by"
              + " basic authentication");
  static final Key<UUID> PROTECT_SYSTEMS =
      Key.listOf(
          "protect.systems",
          uuid(),
          8,
          "identifiers of the DRM systems that the key server is asked about (`keys: cpix`)");
  static final Key<URI> PROTECT_BASE_URL =
      Key.of(
          "protect.base_url",
          webUrl(),
          null,
          "this server as players on other hosts reach it, in front of the addresses of keys and"
              + " licences (`keys: clearkey`); without it they are paths");
  static final Key<String> LADDER =
      Key.of(
          "ladder",
          name(),
          "standard",
          "name of the ladder, from `ladders`; a publish webhook may name another one");
  static final Key<Duration> GRACE =
      Key.of(
          "grace",
          duration("0s", "10m"),
          "30s",
          "how long a stream waits for its publisher to come back before it ends");
  static final Key<Duration> WINDOW =
      Key.of(
          "window",
          duration("10s", "5m"),
          "30s",
          "how much of the stream the playlists list, at least three segments");
  static final Key<Duration> START_BEHIND =
      Key.of(
          "start_behind",
          durationOrOff("1s", "7d"),
          "off",
          "how far behind the live edge HLS players begin (`EXT-X-START`), no further than `window` and"
              + " `dvr` reach; `off`: where they choose. A viewer may ask for another place, see operating");
  static final Key<Duration> DVR =
      Key.of(
          "dvr",
          duration("0s", "7d"),
          "0s",
          "how far back viewers may go: so much is kept on disk, in `data.dir`, and is there again"
              + " after a restart. `0s`: only `window`, in memory");
  static final Key<Long> DVR_MAX_SIZE =
      Key.of(
          "dvr_max_size",
          storage("1MiB", "16TiB"),
          "50GiB",
          "what all renditions of the stream may take on disk; the oldest media goes where it would"
              + " be more");
  static final Key<String> SUBTITLE_LANGUAGES =
      Key.listOf(
          "subtitles.languages",
          languageTag(),
          8,
          "languages of the text tracks that players are offered from the start, whether or not"
              + " there is something to show: `[ en, pt-BR ]`. Text in another language opens a track"
              + " when it comes, which viewers see who come later. The first takes what a publisher"
              + " sends without a language");
  static final Key<String> SUBTITLE_CEA608 =
      Key.of(
          "subtitles.cea608",
          languageTag(),
          null,
          "the language of CEA-608 captions (CC1) in the source, which makes them a text track as"
              + " well; they stay in the video either way");
  static final Key<Duration> LOSS_AFTER =
      Key.of(
          "on_signal_loss.after",
          duration("200ms", "1m"),
          "1s",
          "a publisher that has sent nothing for so long is taken for lost; one that disconnects is"
              + " at once");
  static final Key<Duration> LOSS_HOLD =
      Key.of(
          "on_signal_loss.hold",
          duration("0s", "1m"),
          "2s",
          "how long the last picture stands when the signal is lost");
  static final Key<SignalLossWord> LOSS_THEN =
      Key.of(
          "on_signal_loss.then",
          choice(SignalLossWord.class),
          "off",
          "what viewers see after that, with silence. `off`: nothing is made up, not even the last"
              + " picture, and viewers get a gap");
  static final Key<Path> LOSS_IMAGE =
      Key.of(
          "on_signal_loss.image",
          path(),
          null,
          "a PNG, JPEG or WebP picture as the slate, instead of the built-in one");
  static final Key<Duration> LOSS_END_AFTER =
      Key.of(
          "on_signal_loss.end_after",
          duration("0s", "7d"),
          "30s",
          "the stream ends when it has been without a publisher for so long (in place of `grace`)");
  static final Key<Path> RECORD_TO =
      Key.of(
          "record.to",
          path(),
          null,
          "a directory for recordings; made when it is needed. What the publisher sends is recorded,"
              + " in `APP/NAME/NAME-DATE.mp4`, and nothing is ever overwritten");
  static final Key<RecordFormat> RECORD_FORMAT =
      Key.of(
          "record.format",
          choice(RecordFormat.class),
          "fmp4",
          "one fragmented MP4 with all tracks, or a folder with HLS playlists and segments; both are"
              + " playable at any time, also after a crash");
  static final Key<Duration> RECORD_MAX_DURATION =
      Key.of(
          "record.max_duration",
          duration("10s", "7d"),
          "6h",
          "a recording that lasts so long is followed by another one, without a gap");
  static final Key<Long> RECORD_MAX_SIZE =
      Key.of("record.max_size", storage("1MiB", "16TiB"), "16GiB", "so is one that is so large");
  static final Key<URI> UPLOAD_ENDPOINT =
      Key.of(
          "record.upload.endpoint",
          httpUrl(),
          null,
          "an S3 store that is not AWS, addressed as `ENDPOINT/BUCKET/…`");
  static final Key<String> UPLOAD_BUCKET =
      Key.of(
          "record.upload.bucket",
          matching("a bucket's name", "[A-Za-z0-9][A-Za-z0-9._-]{1,254}"),
          null,
          "where finished recordings are sent; without it they stay here only. What could not be"
              + " sent is tried again until it is, also after a restart");
  static final Key<String> UPLOAD_PREFIX =
      Key.of(
          "record.upload.prefix",
          matching(
              "a part of an object's name (letters, digits, ! _ . - /)", "[A-Za-z0-9!_./-]{1,256}"),
          null,
          "in front of `APP/NAME/…`");
  static final Key<String> UPLOAD_REGION =
      Key.of(
          "record.upload.region",
          matching("a region (us-east-1)", "[a-z0-9-]{1,64}"),
          "us-east-1",
          "the bucket's region; most stores that are not AWS take any");
  static final Key<String> UPLOAD_ACCESS_KEY =
      Key.of(
          "record.upload.access_key",
          secretText(),
          null,
          "with `secret_key`; when both are left out, `AWS_ACCESS_KEY_ID` and"
              + " `AWS_SECRET_ACCESS_KEY` of the environment");
  static final Key<String> UPLOAD_SECRET_KEY =
      Key.of("record.upload.secret_key", secretText(), null, "of `access_key`");
  static final Key<Boolean> UPLOAD_DELETE =
      Key.of("record.upload.delete", flag(), "false", "whether what has been sent is removed here");
  static final Group STREAMS =
      Group.byName(
          "streams",
          "PATTERN",
          streamPattern(),
          1_000,
          items(
              PUBLISH_KEYS,
              WebhookKeys.PUBLISH,
              ON_CONFLICT,
              PASSPHRASE,
              FAILOVER_AFTER,
              FAILOVER_RETURN_AFTER,
              FAILOVER_FROZEN,
              FAILOVER_BLACK,
              FAILOVER_SILENT,
              PULL,
              PLAY_TOKENS,
              PLAY_KEY_FILE,
              WebhookKeys.PLAY,
              PROTECT_SCHEME,
              PROTECT_ROTATE,
              PROTECT_KEYS,
              PROTECT_KEY_SERVER,
              PROTECT_SYSTEMS,
              PROTECT_BASE_URL,
              LADDER,
              GRACE,
              WINDOW,
              START_BEHIND,
              DVR,
              DVR_MAX_SIZE,
              SUBTITLE_LANGUAGES,
              SUBTITLE_CEA608,
              LOSS_AFTER,
              LOSS_HOLD,
              LOSS_THEN,
              LOSS_IMAGE,
              LOSS_END_AFTER,
              RECORD_TO,
              RECORD_FORMAT,
              RECORD_MAX_DURATION,
              RECORD_MAX_SIZE,
              UPLOAD_ENDPOINT,
              UPLOAD_BUCKET,
              UPLOAD_PREFIX,
              UPLOAD_REGION,
              UPLOAD_ACCESS_KEY,
              UPLOAD_SECRET_KEY,
              UPLOAD_DELETE,
              PushKeys.PUSH),
          "rules by stream path: the first pattern that matches `APP/NAME` decides, and a stream"
              + " that none matches has the defaults. `*` stands for any run of characters between"
              + " the slashes");

  static final Key<AudioWord> AUDIO_CODEC =
      Key.of("codec", choice(AudioWord.class), "aac", "codec");
  static final Key<Long> AUDIO_BITRATE =
      Key.of("bitrate", bitrate("16k", "512k"), "128k", "bit rate");
  static final Key<Boolean> AUDIO_PASSTHROUGH =
      Key.of("passthrough", flag(), "false", "the publisher's own audio; `audio` left out is this");
  static final Key<Double> AUDIO_LOUDNESS =
      Key.of(
          "loudness",
          loudness((int) AudioRung.MIN_LUFS, (int) AudioRung.MAX_LUFS),
          null,
          "bring the sound to this loudness in LUFS (EBU R 128: `-23`), with true peaks at -1 dBTP"
              + " at most; left out: as it comes");
  static final Group AUDIO =
      Group.list(
          "audio",
          1,
          List.of(AUDIO_PASSTHROUGH, AUDIO_CODEC, AUDIO_BITRATE, AUDIO_LOUDNESS),
          "the audio rendition (one in this version), passed through when left out");

  static final Key<String> VIDEO_NAME =
      Key.of("name", name(), null, "its name, unique, part of its URLs").mustBeGiven();
  static final Key<Boolean> VIDEO_PASSTHROUGH =
      Key.of("passthrough", flag(), "false", "the publisher's own video; excludes the keys below");
  static final Key<VideoCodec> VIDEO_CODEC =
      Key.of(
          "codec",
          choice(VideoCodec.class),
          null,
          "codec; needed unless passed through (what each costs and who plays it: [ladders]"
              + "(ladders.md))");
  static final Key<Engine> VIDEO_ENCODER =
      Key.of(
          "encoder",
          choice(engines()),
          "auto",
          "what encodes it; `auto`: x264, x265, SVT-AV1, libvpx. `nvenc`, `qsv`, `vaapi` and"
              + " `v4l2m2m` need a device (see [ladders](ladders.md))");
  static final Key<Fallback> VIDEO_FALLBACK =
      Key.of(
          "fallback",
          choice(Fallback.class),
          "fail",
          "where the device of `encoder` is not there: `fail`: the rung does not start;"
              + " `software`: the codec's software encodes it. Both are said in log and API");
  static final Key<Integer> VIDEO_HEIGHT =
      Key.of(
          "height",
          integer(64, 2_160),
          null,
          "short side of the displayed picture in pixels (so 720 is 1280x720, or 720x1280 of an"
              + " upright source); a source smaller than that skips the rung. Needed unless passed"
              + " through");
  static final Key<Long> VIDEO_BITRATE =
      Key.of("bitrate", bitrate("50k", "50M"), null, "bit rate; needed unless passed through");
  static final Key<String> VIDEO_PRESET =
      Key.of(
          "preset",
          matching("a preset (veryfast, 10, p4)", "[a-z]{1,16}|[0-9]{1,2}|p[1-7]"),
          null,
          "encoder preset: `ultrafast` to `veryslow` for h264 and hevc, `0` (slow) to `13` for av1,"
              + " `0` to `8` for vp9 and libaom, `p1` (fast) to `p7` for nvenc; the profile's own"
              + " when left out");
  static final Key<Profile> VIDEO_PROFILE =
      Key.of(
          "profile",
          choice(Profile.class),
          "fast",
          "`fast`: least delay and CPU; `quality`: the best picture for the bits, about 1.5 times"
              + " the CPU");
  static final Key<Rational> VIDEO_FPS =
      Key.of("fps", frameRate(), null, "upper bound of the frame rate; the source's when left out");
  static final Key<RateMode> VIDEO_RATE =
      Key.of(
          "rate",
          choice(rates()),
          null,
          "how bits are spread: `cbr`: evenly, within a second; `vbr`: `bitrate` on average, a quarter"
              + " more over two seconds; `capped-crf`: a quality (`crf`), with `bitrate` as its cap."
              + " Left out: `cbr` with profile `fast`, `vbr` with `quality`");
  static final Key<Integer> VIDEO_CRF =
      Key.of(
          "crf",
          integer(0, 63),
          null,
          "quality of `rate: capped-crf`, lower is better: 0 to 51 for h264 (23) and hevc (26), 0 to"
              + " 63 for av1 (35) and vp9 (33)");
  static final Key<Integer> VIDEO_VMAF =
      Key.of(
          "vmaf",
          integer(50, 98),
          null,
          "with `rate: capped-crf`: the picture quality (VMAF) that the rung is to have, measured on"
              + " samples while it is live; `crf` is where it begins, and moves by up to 12. Needs"
              + " `transcode.vmaf`");
  static final Key<Duration> VIDEO_GOP =
      Key.of(
          "gop",
          duration("500ms", "15s"),
          null,
          "a key frame that often, within segments too; left out: where segments begin");
  static final Key<Integer> VIDEO_BFRAMES =
      Key.of(
          "bframes",
          integer(0, 16),
          null,
          "B-frames in a row at most; left out: none with profile `fast`, three (of devices two) with"
              + " `quality`. SVT-AV1 with `quality` has 3, 7 (left out) or 15: the pyramid that it holds"
              + " back");
  static final Key<Tune> VIDEO_TUNE =
      Key.of(
          "tune",
          choice(tunes()),
          "none",
          "what it shows: `film-grain`, `screen` (slides, text, games); `low-delay`: no picture is"
              + " held back, whatever the profile; `perceptual`: bits where eyes see them (svt-av1"
              + " with `quality`)");
  static final Key<When> VIDEO_WHEN =
      Key.of(
          "when",
          choice(When.class),
          "always",
          "`watched`: the rung is encoded only while somebody watches it, or another such rung of"
              + " its codec (see [operating](operating.md))");
  static final Group VIDEO =
      Group.list(
          "video",
          16,
          List.of(
              VIDEO_NAME,
              VIDEO_PASSTHROUGH,
              VIDEO_CODEC,
              VIDEO_HEIGHT,
              VIDEO_BITRATE,
              VIDEO_PRESET,
              VIDEO_PROFILE,
              VIDEO_FPS,
              VIDEO_ENCODER,
              VIDEO_FALLBACK,
              VIDEO_RATE,
              VIDEO_CRF,
              VIDEO_VMAF,
              VIDEO_GOP,
              VIDEO_BFRAMES,
              VIDEO_TUNE,
              VIDEO_WHEN),
          "the video renditions, in the order that a viewer would want them kept");

  static final Key<Duration> SEGMENT =
      Key.of(
          "segment",
          duration("500ms", "15s"),
          "2s",
          "target segment duration; cuts are at the first source key frame from there on");
  static final Key<Duration> PART =
      Key.of(
          "part",
          durationOrOff("100ms", "2s"),
          "200ms",
          "part duration of low-latency playlists and manifests, to the nearest whole number of"
              + " frames; `off`: segments have no parts");
  static final Key<HdrMode> HDR =
      Key.of(
          "hdr",
          choice(HdrMode.class),
          "tonemap",
          "of a source in high dynamic range (PQ, HLG): `tonemap`: the rungs are in standard dynamic"
              + " range (BT.709); `passthrough`: there are none, only the publisher's own video");
  static final Key<Upscale> UPSCALE =
      Key.of(
          "upscale",
          choice(Upscale.class),
          "never",
          "of a rung that is larger than the source: `never`: it is left out; `clamp`: it has the"
              + " source's size, once a codec; `allow`: it is scaled up");
  static final Key<Duration> IDLE_AFTER =
      Key.of(
          "idle_after",
          duration("5s", "1h"),
          "30s",
          "how long after the last request a rung with `when: watched` goes on");
  static final Key<Integer> BUDGET_CPU =
      Key.of(
          "budget.cpu",
          percent(1, 100),
          "80%",
          "share of the machine that the encoders of all streams may use together; beyond it, or"
              + " where an encoder is late, something is given up as `budget.shed` says");
  static final Key<String> BUDGET_SHED =
      Key.listOf(
          "budget.shed",
          name(),
          16,
          "what to give up under overload, the first one first: names of rungs, which pause; `faster`,"
              + " by which all rungs of a stream get a faster preset; `half-rate`, half the frame"
              + " rate. Where these two are left out they come last, in this order. It comes back"
              + " when there is room. Without a list nothing is given up; the passthrough and the"
              + " sound never are (see [ladders](ladders.md))");

  static final Group LADDERS =
      Group.byName(
          "ladders",
          "NAME",
          name(),
          100,
          List.of(SEGMENT, PART, AUDIO, VIDEO, HDR, UPSCALE, IDLE_AFTER, BUDGET_CPU, BUDGET_SHED),
          "renditions by ladder name; a ladder `standard` is built in");

  /** The whole file. */
  static final Group ROOT =
      Group.root(
          List.of(
              ROLE,
              ORIGINS,
              EDGE_CA,
              EDGE_PINS,
              EDGE_MEMORY,
              EDGE_STALE,
              EDGE_DISK_DIR,
              EDGE_DISK_SIZE,
              RTMP,
              RTMPS,
              SRT,
              HTTPS,
              HTTP3,
              HTTP,
              ADMIN,
              CORS_ORIGINS,
              HSTS,
              SRT_LATENCY,
              TLS_CERTIFICATE,
              TLS_KEY,
              TLS_ENGINE,
              TLS_EARLY_DATA,
              TLS_TICKET_KEYS_FILE,
              TLS_OCSP_STAPLING,
              TLS_OCSP,
              DATA_DIR,
              DATA_DVR_MAX_SIZE,
              LOG_FORMAT,
              LOG_LEVEL,
              PUBLISHER_BUFFER,
              PUBLISHERS,
              UNAUTHENTICATED_PER_ADDRESS,
              HANDSHAKE,
              AUTHENTICATION,
              PUBLISHER_IDLE,
              VIEWERS,
              VIEWERS_PER_ADDRESS,
              VIEWER_CONNECTS,
              VIEWER_IDLE,
              VIEWER_STALLED,
              SVT_AV1_LIBRARY,
              TRANSCODE_ISOLATION,
              TRANSCODE_MEMORY,
              TRANSCODE_NICE,
              TRANSCODE_HANG_AFTER,
              TRANSCODE_MAX_FAILURES,
              TRANSCODE_CGROUP,
              TRANSCODE_VMAF,
              UNLISTED,
              TLS_MORE,
              STREAMS,
              LADDERS));

  private Schema() {}

  /** Keys, and those of webhooks among them. */
  private static List<SchemaItem> items(Object... parts) {
    List<SchemaItem> items = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof WebhookKeys webhook) {
        items.addAll(webhook.items());
      } else if (part instanceof SchemaItem item) {
        items.add(item);
      }
    }
    return items;
  }

  private static Map<String, Optional<Scheme>> schemes() {
    Map<String, Optional<Scheme>> words = new LinkedHashMap<>();
    words.put("off", Optional.empty());
    words.put("cbcs", Optional.of(Scheme.CBCS));
    words.put("cenc", Optional.of(Scheme.CENC));
    words.put("aes-128", Optional.of(Scheme.AES_128));
    return words;
  }

  private static Map<String, Engine> engines() {
    Map<String, Engine> words = new LinkedHashMap<>();
    for (Engine engine : Engine.values()) {
      words.put(engine.word(), engine);
    }
    return words;
  }

  private static Map<String, RateMode> rates() {
    Map<String, RateMode> words = new LinkedHashMap<>();
    words.put("cbr", RateMode.CBR);
    words.put("vbr", RateMode.VBR);
    words.put("capped-crf", RateMode.CAPPED_CRF);
    return words;
  }

  private static Map<String, Tune> tunes() {
    Map<String, Tune> words = new LinkedHashMap<>();
    words.put("none", Tune.NONE);
    words.put("film-grain", Tune.FILM_GRAIN);
    words.put("screen", Tune.SCREEN);
    words.put("low-delay", Tune.LOW_DELAY);
    words.put("perceptual", Tune.PERCEPTUAL);
    return words;
  }
}
