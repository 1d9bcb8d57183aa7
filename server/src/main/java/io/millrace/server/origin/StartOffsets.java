package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.Document;
import io.millrace.server.origin.Directives.MalformedDirectiveException;
import io.millrace.transport.http.QueryParameters;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Playlists for viewers who want to begin elsewhere: {@code ?_HLS_start_offset=-30} puts {@code
 * EXT-X-START} (RFC 8216bis §4.4.2.2) into the playlist, half a minute before its end.
 *
 * <p>On a multivariant playlist it holds for all that this one names, and on a media playlist it is
 * for a player that has none yet, so what thousands wait for stays one text. Offsets are whole
 * seconds. A playlist with one is a copy of what has been rendered, made once for all who want the
 * same; beyond so many different ones it is made for each who asks. Thread-safe.
 */
final class StartOffsets {
  /** No offset. */
  static final long NONE = Long.MIN_VALUE;

  private static final String PARAMETER = "_HLS_start_offset";
  private static final int MAX_KEPT = 32;

  /** Seven days, which is more than any window. */
  private static final long MAX_SECONDS = 7 * 24 * 3600;

  private static final Pattern DECIMAL = Pattern.compile("(-?\\d{1,6})(?:\\.\\d{0,9})?");

  private final Cache<Document, Map<Long, Document>> made =
      Caffeine.newBuilder().weakKeys().build();

  /**
   * What is asked for, in seconds; {@link #NONE}: nothing.
   *
   * @throws MalformedDirectiveException where it is not an offset
   */
  static long seconds(QueryParameters query) throws MalformedDirectiveException {
    String text = query.first(PARAMETER);
    if (text == null) {
      return NONE;
    }
    Matcher matcher = DECIMAL.matcher(text);
    long seconds = matcher.matches() ? Long.parseLong(matcher.group(1)) : NONE;
    if (seconds < -MAX_SECONDS || seconds > MAX_SECONDS) {
      throw new MalformedDirectiveException(
          PARAMETER
              + " is seconds from the start, or (negative) from the end of the playlist, at most "
              + MAX_SECONDS);
    }
    return seconds;
  }

  /** The playlist with that offset; itself without one. */
  Document of(Document playlist, long seconds) {
    if (seconds == NONE) {
      return playlist;
    }
    Map<Long, Document> kept = made.get(playlist, _ -> new ConcurrentHashMap<>());
    Document known = kept.get(seconds);
    if (known != null) {
      return known;
    }
    return kept.size() < MAX_KEPT
        ? kept.computeIfAbsent(seconds, playlist::startingAt)
        : playlist.startingAt(seconds);
  }
}
