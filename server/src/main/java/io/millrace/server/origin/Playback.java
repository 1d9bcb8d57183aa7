package io.millrace.server.origin;

import io.millrace.media.StreamKey;
import io.millrace.packager.CodecPreference;
import io.millrace.packager.Document;
import io.millrace.packager.MediaObject;
import io.millrace.packager.Presentation;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Playlists, manifests and media of one stream at a time.
 *
 * <p>Playlists change and may be kept for a second; media never changes under its name and may be
 * kept for ever. A stream that has just begun has no master playlist yet: requests for it wait,
 * bounded in number and time.
 */
final class Playback {
  /** On every answer of this class: any page may play, and may see what players look at. */
  static final List<Header> CORS =
      List.of(
          new Header("access-control-allow-origin", "*"),
          new Header(
              "access-control-expose-headers",
              "Content-Length, Content-Range, Date, ETag, CMSD-Static, CMSD-Dynamic, Server-Timing"),
          new Header("timing-allow-origin", "*"),
          new Header("cross-origin-resource-policy", "cross-origin"));

  private static final Header FOR_A_SECOND = new Header("cache-control", "public, max-age=1");
  private static final Header FOR_EVER =
      new Header("cache-control", "public, max-age=31536000, immutable");
  private static final int MAX_WAITING = 4096;
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  private final StreamDirectory directory;
  private final Texts texts;
  private final Viewers viewers;
  private final PictureRoutes pictures;
  private final WaitingRoom waiting = new WaitingRoom(MAX_WAITING, MAX_WAIT);

  Playback(StreamDirectory directory, Texts texts, Viewers viewers) {
    this.directory = directory;
    this.texts = texts;
    this.viewers = viewers;
    this.pictures = new PictureRoutes(directory, texts);
  }

  /** Requests that wait for a stream to be ready. */
  int waiting() {
    return waiting.waiting();
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
    if (rest.size() == 1) {
      CodecPreference preference = preference(exchange);
      switch (rest.getFirst()) {
        case "master.m3u8" ->
            whenReady(exchange, "master", presentation, p -> p.master(preference));
        case "manifest.mpd" ->
            whenReady(exchange, "manifest", presentation, p -> p.manifest(preference));
        case String name when PictureRoutes.takes(name) ->
            pictures.handle(exchange, key, presentation, name);
        default -> answer(exchange, notFound("A stream has no such file"));
      }
      return;
    }
    viewers.saw(key, exchange);
    String rendition = rest.getFirst();
    if (rest.getLast().equals("media.m3u8")) {
      whenReady(exchange, "media", presentation, p -> p.media(rendition));
    } else {
      media(exchange, rest.getLast(), presentation.object(rendition, rest.getLast()));
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

  private void whenReady(
      HttpExchange exchange,
      String route,
      Presentation presentation,
      Function<Presentation, @Nullable Document> choose) {
    exchange.route(route);
    Document document = choose.apply(presentation);
    if (document != null) {
      document(exchange, document);
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
            ready -> {
              Document now = ready ? choose.apply(presentation) : null;
              if (now != null) {
                document(exchange, now);
              } else {
                answer(exchange, ready ? missing(presentation, exchange) : notReady());
              }
            });
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

  private void document(HttpExchange exchange, Document document) {
    answer(exchange, texts.reply(exchange, document, FOR_A_SECOND));
  }

  private void media(HttpExchange exchange, String name, @Nullable MediaObject object) {
    exchange.route(name.endsWith(".mp4") ? "init" : "segment");
    if (object == null) {
      answer(exchange, notFound("No such segment, or not any more"));
      return;
    }
    Representation representation =
        new Representation(
            object.contentType(),
            ReplyBody.of(object.parts()),
            '"' + name + '"', // the same name never has other bytes
            null,
            List.of(FOR_EVER, new Header("cmsd-static", cmsd(object))),
            true);
    answer(exchange, representation.reply(exchange.method(), exchange.headers()));
  }

  /** CTA-5006 §3.3: object type, duration in ms, live. */
  private static String cmsd(MediaObject object) {
    String type =
        object.durationUs() == 0 ? "i" : object.contentType().startsWith("audio") ? "a" : "v";
    return object.durationUs() == 0
        ? "ot=" + type + ",st=l"
        : "ot=" + type + ",d=" + object.durationUs() / 1000 + ",st=l";
  }

  private static HttpReply notFound(String detail) {
    return Problem.reply(404, "Not found", detail);
  }

  private static HttpReply notReady() {
    return Problem.reply(503, "Not ready", "The stream has begun and has no complete segment yet")
        .with("retry-after", "1");
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply.with(CORS));
  }
}
