package io.millrace.server.origin;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.util.List;

/**
 * What is done for a request that may be a replay (RFC 8470): one out of early data, or one that a
 * proxy in front took out of early data and marks with {@code Early-Data: 1}. Reading what anyone
 * may read any number of times is done; for everything else the client is told to come again when
 * its handshake is finished (425, §5.2), which browsers do by themselves.
 *
 * <p>Nothing that a request leaves behind may come from an early one either: it is not counted as a
 * viewer's ({@link Playback}); the viewer's next request is.
 */
public final class EarlyPolicy implements HttpHandler {
  private final HttpHandler next;
  private final boolean readingRoutesOnly;

  private EarlyPolicy(HttpHandler next, boolean readingRoutesOnly) {
    this.next = next;
    this.readingRoutesOnly = readingRoutesOnly;
  }

  /** For the public listeners: pages, playlists, manifests, media and pictures may come early. */
  public static HttpHandler publicRoutes(HttpHandler next) {
    return new EarlyPolicy(next, true);
  }

  /** For the admin listener: whatever is read with a safe method may come early. */
  public static HttpHandler safeMethods(HttpHandler next) {
    return new EarlyPolicy(next, false);
  }

  /**
   * True for a request that may be a replay. Any {@code Early-Data} field counts, whatever its
   * value (RFC 8470 §5.1).
   */
  public static boolean mayBeReplay(HttpExchange exchange) {
    return exchange.early() || exchange.headers().get("early-data") != null;
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (mayBeReplay(exchange) && !isHarmless(exchange)) {
      exchange.route("too_early");
      boolean _ = exchange.respond(tooEarly());
    } else {
      next.handle(exchange);
    }
  }

  private boolean isHarmless(HttpExchange exchange) {
    boolean read = exchange.method().equals("GET") || exchange.method().equals("HEAD");
    return read && (!readingRoutesOnly || isForReading(exchange.path()));
  }

  /** Allowed is what is listed here, so that a route that is added later is not, unless it is. */
  private static boolean isForReading(String path) {
    List<String> parts = withoutToken(List.of(path.substring(1).split("/", -1)));
    return switch (parts.size()) {
      case 1 -> parts.getFirst().isEmpty();
      case 2 -> isPage(parts.getFirst());
      case 3 -> isPage(parts.getFirst()) || isOfStream(parts.getLast());
      case 4 -> isMedia(parts.getLast());
      default -> false;
    };
  }

  /** A playback token in front leaves no trace: {@code /t/TOKEN/APP/NAME/…}. */
  private static List<String> withoutToken(List<String> parts) {
    boolean token = parts.size() > 4 && parts.getFirst().equals("t");
    return token ? parts.subList(2, parts.size()) : parts;
  }

  private static boolean isPage(String first) {
    return first.equals("watch") || first.equals("ui");
  }

  private static boolean isOfStream(String name) {
    return name.equals("master.m3u8")
        || name.equals("manifest.mpd")
        || name.equals("thumb.jpg")
        || name.startsWith("storyboard") && (name.endsWith(".vtt") || name.endsWith(".jpg"));
  }

  private static boolean isMedia(String name) {
    int dot = name.lastIndexOf('.');
    return switch (dot < 0 ? "" : name.substring(dot)) {
      case ".m3u8", ".mp4", ".m4s", ".vtt" -> true;
      default -> false;
    };
  }

  /** Come again when the handshake is finished. */
  public static HttpReply tooEarly() {
    return Problem.reply(
            425, "Too early", "This request is not answered before the TLS handshake is finished")
        .with(Playback.CORS);
  }
}
