package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.Clip;
import io.millrace.packager.CodecPreference;
import io.millrace.packager.Document;
import io.millrace.packager.Presentation;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.QueryParameters;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of a stream: {@code ?start=} and {@code ?end=} on a master playlist, media playlist or
 * manifest cut it out of what is listed. Each is a date of RFC 3339, or seconds of Unix time.
 *
 * <p>A document is rendered at most once a second for everybody who asks for the same piece, in
 * memory that is bounded by {@link #MAX_KEPT}.
 */
final class ClipRoutes {
  private static final int MAX_KEPT = 256;
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final List<Header> GROWS = kept(1);
  private static final List<Header> COMPLETE = kept(60);

  /** Which piece. */
  record Span(@Nullable Instant start, @Nullable Instant end) {
    /** In the form that addresses have it. */
    String query() {
      String from = start == null ? "" : "start=" + start;
      String to = end == null ? "" : "end=" + end;
      return "?" + from + (from.isEmpty() || to.isEmpty() ? "" : "&") + to;
    }

    Instant from() {
      return start == null ? Instant.EPOCH : start;
    }
  }

  private record Request(
      Presentation presentation, String file, CodecPreference preference, Span span) {}

  private record Answer(@Nullable Document document, boolean complete) {}

  private final Texts texts;
  private final Cache<Request, Answer> answers =
      Caffeine.newBuilder().maximumSize(MAX_KEPT).expireAfterWrite(FRESH).build();

  ClipRoutes(Texts texts) {
    this.texts = texts;
  }

  private static List<Header> kept(int seconds) {
    return Stream.concat(
            Playback.CORS.stream(),
            Stream.of(new Header("cache-control", "public, max-age=" + seconds)))
        .toList();
  }

  static boolean takes(QueryParameters query) {
    return query.first("start") != null || query.first("end") != null;
  }

  void master(HttpExchange exchange, Presentation presentation, CodecPreference preference) {
    answer(exchange, presentation, "master.m3u8", preference);
  }

  void manifest(HttpExchange exchange, Presentation presentation, CodecPreference preference) {
    answer(exchange, presentation, "manifest.mpd", preference);
  }

  void media(HttpExchange exchange, Presentation presentation, String rendition) {
    answer(exchange, presentation, rendition + "/media.m3u8", CodecPreference.DEFAULT);
  }

  private void answer(
      HttpExchange exchange, Presentation presentation, String file, CodecPreference preference) {
    HttpReply reply;
    try {
      Span span = span(exchange.query());
      Answer answer =
          answers.get(new Request(presentation, file, preference, span), ClipRoutes::render);
      Document document = answer.document;
      reply =
          document == null
              ? Playback.notFound("Nothing of the stream is left, or is there yet, in this span")
              : texts.reply(exchange, document, answer.complete ? COMPLETE : GROWS);
    } catch (IllegalArgumentException e) {
      reply = Problem.reply(400, "Bad span", String.valueOf(e.getMessage())).with(Playback.CORS);
    }
    boolean _ = exchange.respond(reply);
  }

  private static Answer render(Request request) {
    Span span = request.span;
    Clip clip = request.presentation.clip(span.from(), span.end);
    if (clip == null) {
      return new Answer(null, false);
    }
    Document document =
        switch (request.file) {
          case "master.m3u8" -> clip.master(request.preference, span.query());
          case "manifest.mpd" -> clip.manifest(request.preference);
          default ->
              clip.media(request.file.substring(0, request.file.length() - "/media.m3u8".length()));
        };
    return new Answer(document, clip.isComplete());
  }

  /**
   * @throws IllegalArgumentException for a time that is none, and an end that is not behind the
   *     start
   */
  static Span span(QueryParameters query) {
    Span span = new Span(time("start", query), time("end", query));
    if (span.end != null && !span.end.isAfter(span.from())) {
      throw new IllegalArgumentException("end is not behind start");
    }
    return span;
  }

  private static @Nullable Instant time(String name, QueryParameters query) {
    String text = query.first(name);
    if (text == null) {
      return null;
    }
    try {
      return text.matches("\\d{1,11}(\\.\\d{1,6})?")
          ? seconds(text)
          // A plus sign that was not escaped is a space by now.
          : OffsetDateTime.parse(text.replace(' ', '+'), DateTimeFormatter.ISO_OFFSET_DATE_TIME)
              .toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          name + " is neither a date such as 2026-11-28T16:00:00Z nor seconds of Unix time", e);
    }
  }

  private static Instant seconds(String text) {
    int point = text.indexOf('.');
    if (point < 0) {
      return Instant.ofEpochSecond(Long.parseLong(text));
    }
    String fraction = (text.substring(point + 1) + "000000").substring(0, 6);
    return Instant.ofEpochSecond(Long.parseLong(text.substring(0, point)))
        .plusNanos(Long.parseLong(fraction) * 1_000);
  }
}
