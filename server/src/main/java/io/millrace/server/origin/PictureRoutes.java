package io.millrace.server.origin;

import io.millrace.media.StreamKey;
import io.millrace.packager.Document;
import io.millrace.packager.Presentation;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A stream's {@code thumb.jpg}, {@code storyboard.vtt} and the sheets {@code storyboard-….jpg} that
 * it points into.
 */
final class PictureRoutes {
  private static final String THUMBNAIL = "thumb.jpg";
  private static final String STORYBOARD = "storyboard.vtt";
  private static final Header FOR_TWO_SECONDS = new Header("cache-control", "public, max-age=2");

  private static final List<Header> STORYBOARD_HEADERS = List.of(FOR_TWO_SECONDS);

  /** A sheet that gets another picture gets another name. */
  private static final Header FOR_EVER =
      new Header("cache-control", "public, max-age=31536000, immutable");

  private final StreamDirectory directory;
  private final Texts texts;

  PictureRoutes(StreamDirectory directory, Texts texts) {
    this.directory = directory;
    this.texts = texts;
  }

  static boolean takes(String name) {
    return name.equals(THUMBNAIL) || name.startsWith("storyboard");
  }

  /** Answers for a name that {@link #takes} is true of; maybe later, on another thread. */
  void handle(HttpExchange exchange, StreamKey key, Presentation presentation, String name) {
    StreamPictures pictures = directory.pictures();
    switch (name) {
      case THUMBNAIL -> {
        exchange.route("thumb");
        image(exchange, pictures.thumbnail(key, presentation), FOR_TWO_SECONDS);
      }
      case STORYBOARD -> {
        exchange.route("storyboard");
        Document document = pictures.storyboard(presentation);
        answer(
            exchange,
            document == null ? none() : texts.reply(exchange, document, STORYBOARD_HEADERS));
      }
      default -> {
        exchange.route("storyboard");
        image(exchange, pictures.sheet(key, presentation, name), FOR_EVER);
      }
    }
  }

  private static void image(
      HttpExchange exchange, CompletionStage<@Nullable Document> made, Header caching) {
    var _ =
        made.whenComplete(
            (document, failure) -> {
              if (document != null) {
                Representation image =
                    new Representation(
                        document.contentType(),
                        ReplyBody.of(document.bytes()),
                        document.etag(),
                        null,
                        List.of(caching),
                        false);
                answer(exchange, image.reply(exchange.method(), exchange.headers()));
              } else {
                answer(exchange, failure == null ? none() : failed(failure));
              }
            });
  }

  private static HttpReply failed(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause instanceof RejectedExecutionException
        ? Problem.reply(503, "Busy", "Too many pictures are being made already")
            .with("retry-after", "1")
        : Problem.reply(404, "Not found", "The newest picture cannot be shown");
  }

  private static HttpReply none() {
    return Problem.reply(404, "Not found", "The stream has no such picture, or not yet");
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply.with(Playback.CORS));
  }
}
