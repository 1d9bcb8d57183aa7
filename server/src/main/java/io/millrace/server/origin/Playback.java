package io.millrace.server.origin;

import io.millrace.media.StreamKey;
import io.millrace.media.VideoCodec;
import io.millrace.packager.CodecPreference;
import io.millrace.packager.Document;
import io.millrace.packager.MediaObject;
import io.millrace.packager.OpenMedia;
import io.millrace.packager.Presentation;
import io.millrace.packager.StoredMedia;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Playlists, manifests and media of one stream at a time.
 *
 * <p>Playlists change and may be kept for moments; media never changes under its name and may be
 * kept for ever. A stream that has just begun has no master playlist yet: requests for it wait,
 * bounded in number and time. So do requests for what the live edge has not reached ({@link
 * PlaylistReload}, {@link GrowingMedia}).
 */
final class Playback {
  private static final Logger LOG = LoggerFactory.getLogger(Playback.class);

  /** On every answer of this class: any page may play, and may see what players look at. */
  static final List<Header> CORS =
      List.of(
          new Header("access-control-allow-origin", "*"),
          new Header(
              "access-control-expose-headers",
              "Content-Length, Content-Range, Date, ETag, CMSD-Static, CMSD-Dynamic, Server-Timing"),
          new Header("timing-allow-origin", "*"),
          new Header("cross-origin-resource-policy", "cross-origin"));

  private static final List<Header> FOR_A_SECOND =
      Stream.concat(CORS.stream(), Stream.of(new Header("cache-control", "public, max-age=1")))
          .toList();
  static final Header FOR_EVER = new Header("cache-control", "public, max-age=31536000, immutable");
  private static final String GONE = "No such segment, or not any more";
  private static final int MAX_WAITING = 4096;
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  /** Ten thousand viewers wait for a playlist and a part of sound and picture each. */
  private static final int MAX_PARKED = 65_536;

  /** Of HTTP/2: a viewer needs a handful, a cache in front of many some more. */
  private static final int MAX_PARKED_PER_CONNECTION = 100;

  private static final Duration PARKING_TICK = Duration.ofMillis(250);

  private final StreamDirectory directory;
  private final Texts texts;
  private final Viewers viewers;
  private final PictureRoutes pictures;
  private final StartOffsets starts = new StartOffsets();
  private final WaitingRoom waiting = new WaitingRoom(MAX_WAITING, MAX_WAIT);
  private final Parking parking;
  private final PlaylistReload playlists;
  private final ManifestWait manifests;
  private final GrowingMedia growing;
  private final ClipRoutes clips;
  private final StoredSegments stored = new StoredSegments();

  /** As much room as a public server has. */
  static Parking parking() {
    return new Parking(MAX_PARKED, MAX_PARKED_PER_CONNECTION, PARKING_TICK, System::nanoTime);
  }

  Playback(
      StreamDirectory directory, Texts texts, Viewers viewers, Parking parking, Duration patience) {
    this.directory = directory;
    this.texts = texts;
    this.viewers = viewers;
    this.parking = parking;
    this.playlists = new PlaylistReload(texts, starts, parking, patience);
    this.manifests = new ManifestWait(parking, patience);
    this.growing = new GrowingMedia(parking, patience);
    this.pictures = new PictureRoutes(directory, texts);
    this.clips = new ClipRoutes(texts);
  }

  /** Requests that wait for a stream to be ready. */
  int waiting() {
    return waiting.waiting();
  }

  /** Requests that wait for the live edge. */
  int parked() {
    return parking.parked();
  }

  /**
   * Answers for a path of a stream.
   *
   * @param rest what follows {@code /app/name/}: one or two segments
   */
  void handle(HttpExchange exchange, StreamKey key, List<String> rest) {
    Presentation presentation = directory.find(key);
    if (presentation == null) {
      answer(exchange, notFound("No stream " + key + " is live"));
      return;
    }
    boolean early = EarlyPolicy.mayBeReplay(exchange);
    Demand demand = directory.demand(key);
    if (rest.size() == 1) {
      CodecPreference preference = preference(exchange);
      switch (rest.getFirst()) {
        case "master.m3u8" -> {
          exchange.route("master");
          if (ClipRoutes.takes(exchange.query())) {
            clips.master(exchange, presentation, preference);
            return;
          }
          if (preference == CodecPreference.AV1_FIRST && !early) {
            demand.request(VideoCodec.AV1);
          }
          whenReady(exchange, presentation, p -> master(exchange, p.master(preference)));
        }
        case "manifest.mpd" -> {
          exchange.route("manifest");
          if (ClipRoutes.takes(exchange.query())) {
            clips.manifest(exchange, presentation, preference);
            return;
          }
          if (preference != CodecPreference.AV1_FIRST || early) {
            whenReady(exchange, presentation, p -> document(exchange, p.manifest(preference)));
            return;
          }
          demand.request(VideoCodec.AV1);
          whenReady(
              exchange,
              presentation,
              p ->
                  manifests.handle(
                      exchange,
                      p,
                      VideoCodec.AV1,
                      demand,
                      () -> p.manifest(preference),
                      found -> texts.reply(exchange, found, FOR_A_SECOND)));
        }
        case String name when PictureRoutes.takes(name) ->
            pictures.handle(exchange, key, presentation, name);
        default -> answer(exchange, notFound("A stream has no such file"));
      }
      return;
    }
    String rendition = rest.getFirst();
    if (!early) {
      viewers.saw(key, exchange);
      demand.request(rendition);
    } else if (!demand.isReady(rendition)) {
      answer(exchange, EarlyPolicy.tooEarly()); // it would have an encoder start
      return;
    }
    if (rest.getLast().equals("media.m3u8")) {
      exchange.route("media");
      if (ClipRoutes.takes(exchange.query())) {
        clips.media(exchange, presentation, rendition);
        return;
      }
      whenReady(exchange, presentation, p -> playlists.handle(exchange, p, rendition, demand));
    } else {
      media(exchange, presentation, rendition, rest.getLast());
    }
  }

  /**
   * {@code ?codec=} and {@code ?betaCodecSuggestion=}; other values and parameters mean nothing.
   */
  private static CodecPreference preference(HttpExchange exchange) {
    String codec = exchange.query().first("codec");
    if (codec == null) {
      codec = exchange.query().first("betaCodecSuggestion");
    }
    return switch (codec) {
      case "av1" -> CodecPreference.AV1_FIRST;
      case "h264", "avc" -> CodecPreference.H264_ONLY;
      case null, default -> CodecPreference.DEFAULT;
    };
  }

  /** Something that is answered with if it is there. On the exchange's loop. */
  private interface Answer {
    /** Returns false where it is not. */
    boolean from(Presentation presentation);
  }

  private void whenReady(HttpExchange exchange, Presentation presentation, Answer answer) {
    if (answer.from(presentation)) {
      return;
    }
    if (presentation.ready().isDone()) {
      answer(exchange, missing(presentation, exchange));
      return;
    }
    boolean waits =
        waiting.await(
            exchange,
            presentation,
            ready ->
                exchange
                    .executor()
                    .execute(
                        () -> {
                          if (!ready) {
                            answer(exchange, notReady());
                          } else if (!answer.from(presentation)) {
                            answer(exchange, missing(presentation, exchange));
                          }
                        }));
    if (!waits) {
      answer(exchange, notReady());
    }
  }

  /** A rendition that is expected and has no segment yet may be asked for again. */
  private static HttpReply missing(Presentation presentation, HttpExchange exchange) {
    String path = exchange.path();
    boolean expected =
        presentation.renditions().stream()
            .anyMatch(rendition -> path.endsWith("/" + rendition.name() + "/media.m3u8"));
    return expected ? notReady() : notFound("The stream has no such rendition");
  }

  private boolean master(HttpExchange exchange, @Nullable Document master) {
    if (master == null) {
      return false;
    }
    try {
      return document(exchange, starts.of(master, StartOffsets.seconds(exchange.query())));
    } catch (Directives.MalformedDirectiveException e) {
      answer(exchange, malformed(e));
      return true;
    }
  }

  private boolean document(HttpExchange exchange, @Nullable Document document) {
    if (document != null) {
      boolean _ = exchange.respond(texts.reply(exchange, document, FOR_A_SECOND));
    }
    return document != null;
  }

  private void media(
      HttpExchange exchange, Presentation presentation, String rendition, String name) {
    exchange.route(name.endsWith(".mp4") ? "init" : "segment");
    if (!isThere(exchange, presentation, rendition, name)) {
      String meant = presentation.meant(rendition, name);
      if (meant == null || !isThere(exchange, presentation, rendition, meant)) {
        answer(exchange, notFound(GONE));
      }
    }
  }

  /** Answers with a file, now or later; false when there is none of that name. */
  private boolean isThere(
      HttpExchange exchange, Presentation presentation, String rendition, String name) {
    MediaObject object = presentation.object(rendition, name);
    if (object == null) {
      OpenMedia open = presentation.open(rendition, name);
      if (open != null) {
        growing.handle(exchange, name, open);
        return true;
      }
      object = presentation.object(rendition, name); // it may have been completed in between
    }
    if (object != null) {
      String cmsd = cmsd(object.contentType(), object.durationUs());
      answer(exchange, reply(exchange, name, object.contentType(), object.parts(), cmsd));
      return true;
    }
    StoredMedia onDisk = presentation.stored(rendition, name);
    if (onDisk != null) {
      stored(exchange, name, onDisk);
    }
    return onDisk != null;
  }

  private void stored(HttpExchange exchange, String name, StoredMedia media) {
    var unused =
        stored
            .read(media.range())
            .whenComplete(
                (bytes, failure) ->
                    exchange
                        .executor()
                        .execute(
                            () ->
                                answer(
                                    exchange,
                                    failure == null
                                        ? reply(
                                            exchange,
                                            name,
                                            media.contentType(),
                                            List.of(bytes),
                                            "ot=" + objectType(media.contentType()) + ",st=l")
                                        : unreadable(failure))));
  }

  private static HttpReply unreadable(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof RejectedExecutionException) {
      return notYet("Too many segments are being read from disk already");
    }
    if (cause instanceof UncheckedIOException e && e.getCause() instanceof NoSuchFileException) {
      return notFound(GONE);
    }
    LOG.atError().setCause(cause).log("a segment of the DVR cannot be read");
    return Problem.reply(500, "Cannot be read", "The segment's file cannot be read").with(CORS);
  }

  private static HttpReply reply(
      HttpExchange exchange, String name, String contentType, List<byte[]> parts, String cmsd) {
    return new Representation(
            contentType,
            ReplyBody.of(parts),
            '"' + name + '"', // the same name never has other bytes
            null,
            List.of(FOR_EVER, new Header("cmsd-static", cmsd)),
            true)
        .reply(exchange.method(), exchange.headers())
        .with(CORS);
  }

  /** CTA-5006 §3.3: object type, duration in ms, live. */
  private static String cmsd(String contentType, long durationUs) {
    return durationUs == 0
        ? "ot=i,st=l"
        : "ot=" + objectType(contentType) + ",d=" + durationUs / 1000 + ",st=l";
  }

  private static String objectType(String contentType) {
    return switch (contentType) {
      case "audio/mp4" -> "a";
      case "text/vtt", "application/mp4" -> "c";
      default -> "v";
    };
  }

  static HttpReply notFound(String detail) {
    return Problem.reply(404, "Not found", detail).with(CORS);
  }

  /** Nothing to answer with; a cache keeps none of it. */
  static HttpReply notYet(String detail) {
    return Problem.reply(503, "Not ready", detail).with("retry-after", "1").with(CORS);
  }

  static HttpReply malformed(Directives.MalformedDirectiveException e) {
    return Problem.reply(400, "Bad delivery directive", String.valueOf(e.getMessage())).with(CORS);
  }

  static HttpReply tooMany() {
    return notYet("Too many requests are waiting already");
  }

  private static HttpReply notReady() {
    return notYet("The stream has begun and has no complete segment yet");
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply);
  }
}
