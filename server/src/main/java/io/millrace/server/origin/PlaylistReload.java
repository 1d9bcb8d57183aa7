package io.millrace.server.origin;

import io.millrace.packager.Document;
import io.millrace.packager.LivePlaylist;
import io.millrace.packager.Presentation;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers for media playlists, at once or when they reach what was asked for (RFC 8216bis
 * §6.2.5.2). Whoever waits for the same thing gets the same reply, object for object: an update is
 * rendered once and compressed once for each coding, by the first who is woken.
 *
 * <p>A request waits for three target durations at most, as §6.2.5.2 has it, and no longer than
 * {@link #PATIENCE} for a part. Then it is answered with 503 and {@code Retry-After}, which no
 * cache keeps. The playlist as it stands is no answer: it would be kept under the name of what it
 * does not contain.
 *
 * <p>Caches may keep what was waited for, and nothing newer, for six target durations: it is the
 * same for everybody who asks for it. All else is as good as half a target duration (Appendix B.1).
 */
final class PlaylistReload {
  /**
   * Shaka gives a silent connection up after five seconds, others after ten. hls.js stops waiting
   * by itself after 0.8 target durations, or three parts, and polls without directives at once; an
   * answer with 503 ahead of that would have it wait for a second more, and be an error as well.
   */
  static final Duration PATIENCE = Duration.ofMillis(4_500);

  private static final int EXACT_TARGETS = 6;
  private static final int HOLD_TARGETS = 3;

  private final Texts texts;
  private final StartOffsets starts;
  private final Parking parking;
  private final Duration patience;
  private final EdgeWaiters waiters = new EdgeWaiters();
  private final Map<Long, List<Header>> keepFor = new ConcurrentHashMap<>();

  PlaylistReload(Texts texts, StartOffsets starts, Parking parking, Duration patience) {
    this.texts = texts;
    this.starts = starts;
    this.parking = parking;
    this.patience = patience;
  }

  /**
   * Answers, now or later; on the exchange's loop.
   *
   * @param demand whether the rendition is being made: while it is not, the request waits
   * @return false when there is no such playlist yet: the request is still the caller's to answer
   */
  boolean handle(
      HttpExchange exchange, Presentation presentation, String rendition, Demand demand) {
    LivePlaylist now = presentation.playlist(rendition);
    if (now == null) {
      return false;
    }
    HttpReply reply;
    try {
      Directives directives = Directives.parse(exchange.query());
      long startS = StartOffsets.seconds(exchange.query());
      Waiting request =
          new Waiting(
              exchange,
              presentation,
              rendition,
              demand,
              directives,
              directives.wantsWholeSegment(now),
              startS);
      reply = request.answer();
      if (reply == null) {
        directives.checkAgainst(now.edge(), presentation.partTargetUs());
        boolean parked =
            parking.park(
                request,
                hold(presentation, directives),
                it -> waiters.of(presentation, rendition).join(exchange.executor(), it));
        reply = parked ? null : Playback.tooMany();
      }
    } catch (Directives.MalformedDirectiveException e) {
      reply = Playback.malformed(e);
    }
    if (reply != null) {
      boolean _ = exchange.respond(reply);
    }
    return true;
  }

  private Duration hold(Presentation presentation, Directives directives) {
    Duration targets = Duration.ofNanos(HOLD_TARGETS * presentation.targetDurationUs() * 1_000);
    boolean part = directives.part() != Directives.NONE;
    return part && targets.compareTo(patience) > 0 ? patience : targets;
  }

  /** Fields of a reply that caches may keep for so long; the same list for the same time. */
  private List<Header> keepFor(long seconds) {
    return keepFor.computeIfAbsent(
        seconds,
        s -> {
          List<Header> headers = new ArrayList<>(Playback.CORS);
          headers.add(new Header("cache-control", "public, max-age=" + s));
          return List.copyOf(headers);
        });
  }

  /** A request that is answered when its playlist has got far enough. */
  private final class Waiting extends Parked {
    private final Presentation presentation;
    private final String rendition;
    private final Demand demand;
    private final Directives directives;
    private final ContentCoding coding;
    private final long startS;
    private final boolean wantsWholeSegment;

    Waiting(
        HttpExchange exchange,
        Presentation presentation,
        String rendition,
        Demand demand,
        Directives directives,
        boolean wantsWholeSegment,
        long startS) {
      super(exchange);
      this.presentation = presentation;
      this.rendition = rendition;
      this.demand = demand;
      this.directives = directives;
      this.wantsWholeSegment = wantsWholeSegment;
      this.coding = texts.coding(exchange);
      this.startS = startS;
    }

    @Override
    @Nullable HttpReply answer() {
      LivePlaylist playlist = presentation.playlist(rendition);
      if (playlist == null) {
        return Playback.notFound("The rendition has ended");
      }
      if (!demand.isReady(rendition) && !playlist.ended()) {
        return null;
      }
      boolean waits = directives.blocks() && !playlist.ended();
      if (waits
          && (!directives.reachedBy(playlist)
              || (wantsWholeSegment && directives.onlyJustReachedBy(playlist)))) {
        return null;
      }
      return reply(playlist, waits);
    }

    private HttpReply reply(LivePlaylist playlist, boolean waits) {
      Document document =
          switch (directives.skip()) {
            case NOTHING -> playlist.full();
            case SEGMENTS -> playlist.delta();
            case SEGMENTS_AND_DATE_RANGES -> playlist.deltaV2();
          };
      long targetUs = presentation.targetDurationUs();
      boolean exact = waits && directives.exactlyReachedBy(playlist);
      long keepUs = exact ? EXACT_TARGETS * targetUs : targetUs / 2;
      if (!directives.blocks()) { // a player that waits for what comes has begun already
        document = starts.of(document, startS);
      }
      return texts.reply(exchange, coding, document, keepFor(Math.max(1, keepUs / 1_000_000)));
    }

    @Override
    HttpReply late() {
      LivePlaylist playlist = presentation.playlist(rendition);
      if (wantsWholeSegment && playlist != null && directives.reachedBy(playlist)) {
        return reply(playlist, true); // the segment goes on or not: the part is there
      }
      return Playback.notYet("The source has stalled: nothing new came while the request waited");
    }
  }
}
