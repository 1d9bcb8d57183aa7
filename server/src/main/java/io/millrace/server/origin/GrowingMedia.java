package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.OpenMedia;
import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.GrowingContent.Growth;
import io.millrace.transport.http.GrowingContent.State;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers for media that is announced and not complete (RFC 8216bis §6.2.6; ISO/IEC 23009-1
 * §5.3.9.5.4): the part that a preload hint names, and the segment that grows at the live edge.
 *
 * <p>A request waits until there is something. What is complete by then is sent as a whole: so a
 * hinted part is, which is made in one go. What is not is sent while it grows, each part as soon as
 * it is sealed. What is given up before it has begun was never there, and so 404.
 */
final class GrowingMedia {
  private final Parking parking;
  private final Duration patience;

  /** What all who read the same share; as long as somebody does. */
  private final Cache<OpenMedia, GrowingContent> contents =
      Caffeine.newBuilder().weakKeys().weakValues().build();

  GrowingMedia(Parking parking, Duration patience) {
    this.parking = parking;
    this.patience = patience;
  }

  /** Answers, now or later; on the exchange's loop. */
  void handle(HttpExchange exchange, String name, OpenMedia media) {
    GrowingContent content = contents.get(media, GrowingMedia::content);
    Waiting request = new Waiting(exchange, name, media.contentType(), content);
    HttpReply reply = request.answer();
    if (reply == null) {
      boolean parked =
          parking.park(request, patience, it -> content.await(exchange.executor(), it));
      reply = parked ? null : Playback.tooMany();
    }
    if (reply != null) {
      boolean _ = exchange.respond(reply);
    }
  }

  private static GrowingContent content(OpenMedia media) {
    return new GrowingContent(
        new GrowingContent.Source() {
          @Override
          public Growth growth() {
            OpenMedia.Growth growth = media.growth();
            State state =
                growth.complete()
                    ? State.COMPLETE
                    : growth.abandoned() ? State.ABANDONED : State.GROWING;
            return new Growth(growth.chunks(), state);
          }

          @Override
          public void onGrowth(Runnable wake) {
            var _ = media.onGrowth(wake);
          }
        });
  }

  /** A request for media of which there is nothing yet. */
  private static final class Waiting extends Parked {
    private final String name;
    private final String contentType;
    private final GrowingContent content;

    Waiting(HttpExchange exchange, String name, String contentType, GrowingContent content) {
      super(exchange);
      this.name = name;
      this.contentType = contentType;
      this.content = content;
    }

    @Override
    @Nullable HttpReply answer() {
      Growth growth = content.growth();
      return switch (growth.state()) {
        case ABANDONED -> Playback.notFound("The media was announced and will not come");
        case COMPLETE -> reply(ReplyBody.of(growth.chunks()));
        case GROWING ->
            growth.chunks().isEmpty() && !exchange.method().equals("HEAD")
                ? null
                : reply(new ReplyBody.Growing(content));
      };
    }

    private HttpReply reply(ReplyBody body) {
      List<Header> headers =
          List.of(
              Playback.FOR_EVER,
              new Header(
                  "cmsd-static", contentType.startsWith("audio") ? "ot=a,st=l" : "ot=v,st=l"));
      return new Representation(contentType, body, '"' + name + '"', null, headers, true)
          .reply(exchange.method(), exchange.headers())
          .with(Playback.CORS);
    }

    @Override
    HttpReply late() {
      return Playback.notYet("The media is announced, and its source has stalled");
    }
  }
}
