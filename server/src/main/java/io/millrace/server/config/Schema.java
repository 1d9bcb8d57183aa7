package io.millrace.server.config;

import static io.millrace.server.config.ValueTypes.argon2Hash;
import static io.millrace.server.config.ValueTypes.bitrate;
import static io.millrace.server.config.ValueTypes.choice;
import static io.millrace.server.config.ValueTypes.duration;
import static io.millrace.server.config.ValueTypes.durationOrOff;
import static io.millrace.server.config.ValueTypes.endpoint;
import static io.millrace.server.config.ValueTypes.flag;
import static io.millrace.server.config.ValueTypes.frameRate;
import static io.millrace.server.config.ValueTypes.httpUrl;
import static io.millrace.server.config.ValueTypes.integer;
import static io.millrace.server.config.ValueTypes.languageTag;
import static io.millrace.server.config.ValueTypes.matching;
import static io.millrace.server.config.ValueTypes.name;
import static io.millrace.server.config.ValueTypes.passphrase;
import static io.millrace.server.config.ValueTypes.path;
import static io.millrace.server.config.ValueTypes.percent;
import static io.millrace.server.config.ValueTypes.pushUrl;
import static io.millrace.server.config.ValueTypes.secretText;
import static io.millrace.server.config.ValueTypes.sizeBytes;
import static io.millrace.server.config.ValueTypes.srtUrl;
import static io.millrace.server.config.ValueTypes.storage;
import static io.millrace.server.config.ValueTypes.streamPattern;
import static io.millrace.server.config.ValueTypes.udpEndpoint;
import static io.millrace.server.config.ValueTypes.uuid;
import static io.millrace.server.config.ValueTypes.webUrl;

import io.millrace.codec.Profile;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import io.millrace.server.auth.Argon2Hash;
import io.millrace.server.config.ProtectionConfig.Scheme;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
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

  static final Key<Optional<Endpoint>> RTMP =
      Key.of("listen.rtmp", endpoint(), ":1935", "RTMP from publishers");
  static final Key<Optional<Endpoint>> RTMPS =
      Key.of("listen.rtmps", endpoint(), ":1936", "RTMP inside TLS, from publishers");
  static final Key<Optional<Endpoint>> SRT =
      Key.of("listen.srt", udpEndpoint(), ":8890/udp", "SRT from publishers");
  static final Key<Optional<Endpoint>> HTTPS =
      Key.of("listen.https", endpoint(), ":8443", "players: HTTP/1.1 and HTTP/2, TLS 1.3 only");
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
  static final Key<Boolean> TLS_EARLY_DATA =
      Key.of("tls.early_data", flag(), "false", "TLS 1.3 early data (0-RTT) on replay-safe routes")
          .later(on -> on);

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
      Key.of("play.tokens", choice(Tokens.class), "none", "whether viewers need a playback token")
          .refused(
              word -> word == Tokens.REQUIRED,
              "playback tokens are not available in this version, and ignoring this would open the"
                  + " stream to everyone");
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
      Key.of("ladder", name(), "standard", "name of the ladder, from `ladders`");
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
  static final Key<URI> PUSH =
      Key.listOf("push", pushUrl(), 16, "where the stream is sent on to").later(_ -> true);

  static final Group STREAMS =
      Group.byName(
          "streams",
          "PATTERN",
          streamPattern(),
          1_000,
          List.of(
              PUBLISH_KEYS,
              ON_CONFLICT,
              PASSPHRASE,
              FAILOVER_AFTER,
              FAILOVER_RETURN_AFTER,
              FAILOVER_FROZEN,
              FAILOVER_BLACK,
              FAILOVER_SILENT,
              PULL,
              PLAY_TOKENS,
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
              PUSH),
          "rules by stream path: the first pattern that matches `APP/NAME` decides, and a stream"
              + " that none matches has the defaults. `*` stands for any run of characters between"
              + " the slashes");

  static final Key<AudioWord> AUDIO_CODEC =
      Key.of("codec", choice(AudioWord.class), "aac", "codec")
          .refused(
              word -> word == AudioWord.OPUS, "Opus is not available in this version; use aac");
  static final Key<Long> AUDIO_BITRATE =
      Key.of("bitrate", bitrate("16k", "512k"), "128k", "bit rate");
  static final Key<Boolean> AUDIO_PASSTHROUGH =
      Key.of("passthrough", flag(), "false", "the publisher's own audio; `audio` left out is this");
  static final Group AUDIO =
      Group.list(
          "audio",
          1,
          List.of(AUDIO_PASSTHROUGH, AUDIO_CODEC, AUDIO_BITRATE),
          "the audio rendition (one in this version), passed through when left out");

  static final Key<String> VIDEO_NAME =
      Key.of("name", name(), null, "its name, unique, part of its URLs").mustBeGiven();
  static final Key<Boolean> VIDEO_PASSTHROUGH =
      Key.of("passthrough", flag(), "false", "the publisher's own video; excludes the keys below");
  static final Key<VideoCodec> VIDEO_CODEC =
      Key.of("codec", choice(videoCodecs()), null, "codec; needed unless passed through");
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
          matching(
              "an x264 preset (veryfast) or an SVT-AV1 one (0 to 13)", "[a-z]{1,16}|[0-9]{1,2}"),
          null,
          "encoder preset: `ultrafast` to `veryslow` for h264, `0` (slow) to `13` for av1; the"
              + " profile's own when left out");
  static final Key<Profile> VIDEO_PROFILE =
      Key.of(
          "profile",
          choice(Profile.class),
          "fast",
          "`fast`: least delay and CPU; `quality`: the best picture for the bits, about 1.5 times"
              + " the CPU");
  static final Key<Rational> VIDEO_FPS =
      Key.of("fps", frameRate(), null, "upper bound of the frame rate; the source's when left out");
  static final Key<When> VIDEO_WHEN =
      Key.of("when", choice(When.class), "always", "whether the rung is encoded only while watched")
          .later(word -> word == When.WATCHED, "the rung is always encoded");
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
  static final Key<Integer> BUDGET_CPU =
      Key.of("budget.cpu", percent(1, 100), "80%", "share of the machine that encoding may use")
          .later(_ -> true);
  static final Key<String> BUDGET_SHED =
      Key.listOf("budget.shed", name(), 16, "rungs to give up under overload, first to last")
          .later(_ -> true);

  static final Group LADDERS =
      Group.byName(
          "ladders",
          "NAME",
          name(),
          100,
          List.of(SEGMENT, PART, AUDIO, VIDEO, BUDGET_CPU, BUDGET_SHED),
          "renditions by ladder name; a ladder `standard` is built in");

  /** The whole file. */
  static final Group ROOT =
      Group.root(
          List.of(
              RTMP,
              RTMPS,
              SRT,
              HTTPS,
              HTTP,
              ADMIN,
              SRT_LATENCY,
              TLS_CERTIFICATE,
              TLS_KEY,
              TLS_EARLY_DATA,
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
              VIEWER_IDLE,
              VIEWER_STALLED,
              SVT_AV1_LIBRARY,
              UNLISTED,
              STREAMS,
              LADDERS));

  private Schema() {}

  private static Map<String, Optional<Scheme>> schemes() {
    Map<String, Optional<Scheme>> words = new LinkedHashMap<>();
    words.put("off", Optional.empty());
    words.put("cbcs", Optional.of(Scheme.CBCS));
    words.put("cenc", Optional.of(Scheme.CENC));
    words.put("aes-128", Optional.of(Scheme.AES_128));
    return words;
  }

  private static Map<String, VideoCodec> videoCodecs() {
    Map<String, VideoCodec> words = new LinkedHashMap<>();
    words.put("h264", VideoCodec.H264);
    words.put("av1", VideoCodec.AV1);
    return words;
  }
}
