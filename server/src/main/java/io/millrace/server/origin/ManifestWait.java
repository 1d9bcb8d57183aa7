package io.millrace.server.origin;

import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Document;
import io.millrace.packager.Presentation;
import io.millrace.packager.RenditionInfo;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests for manifests by players that prefer a codec whose renditions have just been asked for:
 * a manifest lists nothing that is not made yet, so the answer waits until they begin. After {@link
 * PlaylistReload#PATIENCE} it is the manifest as it stands, for the other renditions are there.
 */
final class ManifestWait {
  private final Parking parking;
  private final Duration patience;
  private final EdgeWaiters waiters = new EdgeWaiters();

  ManifestWait(Parking parking, Duration patience) {
    this.parking = parking;
    this.patience = patience;
  }

  /**
   * Answers, now or later; on the exchange's loop.
   *
   * @return false when there is no manifest yet: the request is still the caller's to answer
   */
  boolean handle(
      HttpExchange exchange,
      Presentation presentation,
      VideoCodec codec,
      Demand demand,
      Supplier<@Nullable Document> manifest,
      Function<Document, HttpReply> reply) {
    Optional<RenditionInfo> made = ofCodec(presentation, codec);
    Document now = manifest.get();
    if (now == null) {
      return false;
    }
    if (made.isEmpty() || demand.isReady(codec)) {
      boolean _ = exchange.respond(reply.apply(now));
      return true;
    }
    Parked request =
        new Parked(exchange) {
          @Override
          @Nullable HttpReply answer() {
            return demand.isReady(codec) ? late() : null;
          }

          @Override
          HttpReply late() {
            Document document = manifest.get();
            return document == null
                ? Playback.notYet("The stream has ended")
                : reply.apply(document);
          }
        };
    boolean parked =
        parking.park(
            request,
            patience,
            it -> waiters.of(presentation, made.get().name()).join(exchange.executor(), it));
    if (!parked) {
      boolean _ = exchange.respond(Playback.tooMany());
    }
    return true;
  }

  private static Optional<RenditionInfo> ofCodec(Presentation presentation, VideoCodec codec) {
    return presentation.renditions().stream()
        .filter(info -> info.format() instanceof TrackFormat.Video video && video.codec() == codec)
        .findFirst();
  }
}
