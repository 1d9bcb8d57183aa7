package io.millrace.server.origin;

import io.millrace.media.StreamKey;
import io.millrace.packager.Document;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The routes of the public listeners:
 *
 * <pre>
 * /                              index of live streams        /watch/NAME, /watch/APP/NAME   player page
 * /ui/FILE                       what the pages need          /streams.json, /time
 * /APP/NAME/master.m3u8          /APP/NAME/manifest.mpd
 * /APP/NAME/RENDITION/media.m3u8 /APP/NAME/RENDITION/FILE
 * /APP/NAME/thumb.jpg            /APP/NAME/storyboard.vtt    /APP/NAME/storyboard-….jpg
 * </pre>
 *
 * Every route is GET, HEAD or OPTIONS and changes nothing.
 */
public final class Origin implements HttpHandler {
  private static final String ALLOWED = "GET, HEAD, OPTIONS";
  private static final Header REVALIDATE = new Header("cache-control", "no-cache");
  private static final Header NO_STORE = new Header("cache-control", "no-store");
  private static final Header NO_SNIFF = new Header("x-content-type-options", "nosniff");

  /**
   * hls.js demultiplexes in a worker that it makes from a blob; video plays from blobs, and a text
   * track begins as an empty file in a data URL.
   */
  private static final Header CONTENT_SECURITY =
      new Header(
          "content-security-policy",
          "default-src 'self'; media-src 'self' blob: data:; worker-src 'self' blob:; img-src 'self' data:; "
              + "object-src 'none'; base-uri 'none'; form-action 'none'");

  private static final List<Header> PAGE = List.of(REVALIDATE, NO_SNIFF, CONTENT_SECURITY);
  private static final List<Header> INDEX =
      Stream.concat(Stream.of(REVALIDATE), Playback.CORS.stream()).toList();

  private static final DateTimeFormatter ISO_MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final InstantSource clock;
  private final Compressor compressor = new Compressor();
  private final Texts texts = new Texts(compressor);
  private final Assets assets = new Assets();
  private final StreamsJson streamsJson;
  private final Playback playback;

  public Origin(StreamDirectory directory, Viewers viewers, InstantSource clock) {
    this(directory, viewers, clock, Playback.parking(), PlaylistReload.PATIENCE);
  }

  Origin(
      StreamDirectory directory,
      Viewers viewers,
      InstantSource clock,
      Parking parking,
      Duration patience) {
    this.clock = clock;
    this.streamsJson = new StreamsJson(directory, viewers, clock, System::nanoTime);
    this.playback = new Playback(directory, texts, viewers, parking, patience);
  }

  /** How many times a document was compressed, for all viewers together. */
  public long compressions() {
    return compressor.compressions();
  }

  /** Requests that wait for a stream to be ready. */
  public int waiting() {
    return playback.waiting();
  }

  /** Requests that wait for the live edge to move. */
  public int parked() {
    return playback.parked();
  }

  @Override
  public void handle(HttpExchange exchange) {
    switch (exchange.method()) {
      case "GET", "HEAD" -> get(exchange);
      case "OPTIONS" -> answer(exchange, preflight());
      default ->
          answer(
              exchange,
              Problem.reply(405, "Method not allowed", "This server is read with GET and HEAD")
                  .with("allow", ALLOWED)
                  .with(Playback.CORS));
    }
  }

  private void get(HttpExchange exchange) {
    List<String> path = List.of(exchange.path().substring(1).split("/", -1));
    switch (path.getFirst()) {
      case "" -> asset(exchange, "index.html");
      case "watch" -> {
        boolean named = path.size() > 1 && path.size() < 4 && !path.getLast().isEmpty();
        asset(exchange, named ? "watch.html" : "");
      }
      case "ui" -> asset(exchange, String.join("/", path.subList(1, path.size())));
      case "streams.json" -> streams(exchange);
      case "time" -> time(exchange);
      default -> {
        if (path.size() == 3 || path.size() == 4) {
          StreamKey key = new StreamKey(path.get(0), path.get(1));
          playback.handle(exchange, key, path.subList(2, path.size()));
        } else {
          answer(exchange, notFound().with(Playback.CORS));
        }
      }
    }
  }

  private void asset(HttpExchange exchange, String name) {
    exchange.route("ui");
    @Nullable Document file = assets.find(name);
    answer(exchange, file == null ? notFound() : texts.reply(exchange, file, PAGE));
  }

  private void streams(HttpExchange exchange) {
    exchange.route("streams");
    answer(exchange, texts.reply(exchange, streamsJson.document(), INDEX));
  }

  /**
   * UTC to the millisecond, for DASH (ISO/IEC 23009-1 §5.8.5.7, urn:mpeg:dash:utc:http-iso:2014).
   */
  private void time(HttpExchange exchange) {
    exchange.route("time");
    byte[] now = ISO_MILLIS.format(clock.instant()).getBytes(StandardCharsets.US_ASCII);
    answer(
        exchange,
        HttpReply.of(200, "text/plain; charset=utf-8", now)
            .with(List.of(NO_STORE))
            .with(Playback.CORS));
  }

  private static HttpReply preflight() {
    return HttpReply.of(204)
        .with("access-control-allow-origin", "*")
        .with("access-control-allow-methods", ALLOWED)
        .with(
            "access-control-allow-headers",
            "Authorization, Range, If-Range, If-None-Match, Cache-Control, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status")
        .with("access-control-max-age", "86400")
        .with("allow", ALLOWED);
  }

  private static HttpReply notFound() {
    return Problem.reply(404, "Not found", "Nothing is served under this path");
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply);
  }
}
