package io.millrace.server.origin;

import static java.util.concurrent.TimeUnit.SECONDS;

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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
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
          new Header("timing-allow-origin", "*"));

  private static final Header FOR_A_SECOND = new Header("cache-control", "public, max-age=1");
  private static final Header FOR_EVER =
      new Header("cache-control", "public, max-age=31536000, immutable");
  private static final int MAX_WAITING = 4096;
  private static final int MAX_WAIT_SECONDS = 10;

  private final StreamDirectory directory;
  private final Texts texts;
  private final Viewers viewers;
  private final AtomicInteger waiting = new AtomicInteger();

  Playback(StreamDirectory directory, Texts texts, Viewers viewers) {
    this.directory = directory;
    this.texts = texts;
    this.viewers = viewers;
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
        default -> answer(exchange, notFound("A stream has no such file"));
      }
      return;
    }
    viewers.saw(key, exchange);
    String rendition = rest.getFirst();
    if (rest.getLast().equals("media.m3u8")) {
      whenReady(exchange, "media", presentation, p -> p.media(rendition));
    } else {
      media(exchange, presentation.object(rendition, rest.getLast()));
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
    CompletableFuture<Void> ready = presentation.ready();
    if (ready.isDone()) {
      answer(exchange, notFound("The stream has no such rendition"));
      return;
    }
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      answer(exchange, notReady());
      return;
    }
    exchange.onCancel(() -> ready.cancel(false));
    var unused =
        ready
            .orTimeout(MAX_WAIT_SECONDS, SECONDS)
            .handle(
                (_, failure) -> {
                  waiting.decrementAndGet();
                  Document now = failure == null ? choose.apply(presentation) : null;
                  if (now != null) {
                    document(exchange, now);
                  } else {
                    answer(
                        exchange,
                        failure == null
                            ? notFound("The stream has no such rendition")
                            : notReady());
                  }
                  return null;
                });
  }

  private void document(HttpExchange exchange, Document document) {
    answer(exchange, texts.reply(exchange, document, FOR_A_SECOND));
  }

  private void media(HttpExchange exchange, @Nullable MediaObject object) {
    exchange.route("segment");
    if (object == null) {
      answer(exchange, notFound("No such segment, or not any more"));
      return;
    }
    Representation representation =
        new Representation(
            object.contentType(),
            ReplyBody.of(object.parts()),
            null,
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
    boolean unused = exchange.respond(reply.with(CORS));
  }
}
