package io.millrace.server.api;

import io.millrace.media.LanguageTag;
import io.millrace.media.StreamKey;
import io.millrace.packager.text.WebVttException;
import io.millrace.packager.text.WebVttFile;
import io.millrace.server.live.SubtitleCounts;
import io.millrace.server.live.SubtitlePost;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Subtitles from a captioner: {@code POST /api/v1/streams/APP/NAME/subtitles/LANG?at=…} with a
 * WebVTT file.
 *
 * <p>{@code at} says what 00:00.000 of the file is: {@code now}, the picture that comes in at this
 * moment (the default); {@code now+2.5} or {@code now-2.5}, so many seconds later or earlier; or an
 * instant of RFC 3339, on the clock of EXT-X-PROGRAM-DATE-TIME.
 */
final class SubtitlesRoute {
  private static final int MAX_BODY_BYTES = 256 << 10;
  private static final Duration MAX_DISTANCE = Duration.ofDays(1);
  private static final Pattern NOW = Pattern.compile("now(?:([ +-])(\\d{1,5})(?:\\.(\\d{1,3}))?)?");

  /** Takes the cues; on any thread, answers on any. */
  interface Taker {
    /** Null when there is no such stream. */
    @Nullable CompletionStage<SubtitlePost.Result> subtitles(StreamKey key, SubtitlePost post);
  }

  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient HttpReply reply;

    RefusedException(int status, String title, String detail) {
      super(detail);
      this.reply = Problem.reply(status, title, detail);
    }
  }

  private final Taker taker;

  SubtitlesRoute(Taker taker) {
    this.taker = taker;
  }

  AdminRoute route() {
    return new AdminRoute(
        "/api/v1/streams/{app}/{name}/subtitles/{language}",
        List.of("POST"),
        "api_subtitles",
        this::handle);
  }

  private void handle(HttpExchange exchange, List<String> named) {
    try {
      SubtitlePost post = post(exchange, named.getLast());
      CompletionStage<SubtitlePost.Result> taken =
          taker.subtitles(new StreamKey(named.get(0), named.get(1)), post);
      if (taken == null) {
        throw new RefusedException(404, "Not found", "No stream has this name");
      }
      taken.whenComplete(
          (result, failure) -> {
            boolean _ =
                exchange.respond(
                    failure == null
                        ? reply(result)
                        : Problem.reply(503, "Ended", "The stream ends"));
          });
    } catch (RefusedException e) {
      boolean _ = exchange.respond(e.reply);
    }
  }

  private static SubtitlePost post(HttpExchange exchange, String language) throws RefusedException {
    String tag = LanguageTag.parse(language);
    if (tag == null) {
      throw new RefusedException(
          400, "Not a language", "The path ends with a language tag, such as en or pt-BR");
    }
    if (exchange.body().length > MAX_BODY_BYTES) {
      throw new RefusedException(
          413, "Too large", "A file of at most " + MAX_BODY_BYTES + " bytes is taken");
    }
    String at = exchange.query().first("at");
    Matcher now = NOW.matcher(at == null ? "now" : at);
    boolean relative = now.matches();
    return new SubtitlePost(
        tag,
        relative || at == null ? null : instant(at),
        relative ? offsetMs(now) : 0,
        cues(exchange));
  }

  private static List<WebVttFile.Cue> cues(HttpExchange exchange) throws RefusedException {
    try {
      return WebVttFile.read(exchange.body());
    } catch (WebVttException e) {
      throw new RefusedException(400, "Not WebVTT", String.valueOf(e.getMessage()));
    }
  }

  private static Instant instant(String at) throws RefusedException {
    try {
      Instant instant = Instant.parse(at);
      if (Duration.between(Instant.now(), instant).abs().compareTo(MAX_DISTANCE) <= 0) {
        return instant;
      }
    } catch (DateTimeParseException _) {
      // as below
    }
    throw new RefusedException(
        400,
        "Not a time",
        "`at` is now, now+2.5, now-2.5, or an instant of RFC 3339 within a day of now");
  }

  /** A plus in a query that was not escaped has become a space. */
  private static long offsetMs(Matcher now) {
    if (now.group(1) == null) {
      return 0;
    }
    String fraction = now.group(3) == null ? "" : now.group(3);
    long ms =
        Long.parseLong(now.group(2)) * 1_000 + Long.parseLong((fraction + "000").substring(0, 3));
    return now.group(1).equals("-") ? -ms : ms;
  }

  private static HttpReply reply(SubtitlePost.Result result) {
    SubtitleCounts counts = result.counts();
    if (counts == null) {
      return Problem.reply(409, "Too many languages", "The stream has as many as it may have");
    }
    if (counts.refused() > 0) {
      String detail = "%d cues were taken, %d not: too much waits to be shown already";
      return Problem.reply(
          429, "Too many cues", detail.formatted(counts.taken(), counts.refused()));
    }
    return HttpReply.of(200, "application/json", AdminJson.subtitles(result.zero(), counts))
        .with("cache-control", "no-store");
  }
}
