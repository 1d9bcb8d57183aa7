package io.millrace.loadtest.hls;

import io.millrace.loadtest.hls.HlsPlaylist.Media;
import io.millrace.loadtest.hls.HlsPlaylist.Segment;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Follows one media playlist: reloads when due and fetches each segment once. One thread. */
final class TrackFollower {
  /** RFC 8216 §6.3.3: a client should not start closer than three target durations to the end. */
  private static final int START_SEGMENTS_FROM_END = 3;

  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long RETRY_NOT_THERE_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final URI playlist;
  private final boolean countsForPlayhead;
  private final HttpFetcher fetcher;
  private final ViewerCounters counters;
  private long nextSequence = -1;
  private @Nullable String fetchedMap;
  private long dueNs = System.nanoTime();
  private boolean ended;

  TrackFollower(
      URI playlist, boolean countsForPlayhead, HttpFetcher fetcher, ViewerCounters counters) {
    this.playlist = playlist;
    this.countsForPlayhead = countsForPlayhead;
    this.fetcher = fetcher;
    this.counters = counters;
  }

  /** When to {@link #reload}, on the clock of {@code System.nanoTime()}. */
  long dueNs() {
    return dueNs;
  }

  boolean ended() {
    return ended;
  }

  void reload() throws InterruptedException {
    long startNs = System.nanoTime();
    try {
      if (!(HlsPlaylist.parse(fetcher.text(playlist)) instanceof Media media)) {
        throw new IllegalArgumentException("a media playlist is wanted");
      }
      counters.playlist();
      boolean changed = fetchNew(media);
      long targetNs = TimeUnit.SECONDS.toNanos(media.targetDurationS());
      dueNs = startNs + (changed ? targetNs : targetNs / 2);
      ended = media.ended();
    } catch (HttpStatusException e) {
      if (nextSequence < 0 && e.status() == 404) {
        dueNs = startNs + RETRY_NOT_THERE_NS;
      } else {
        failed(startNs, e);
      }
    } catch (IOException | IllegalArgumentException e) {
      failed(startNs, e);
    }
  }

  private void failed(long startNs, Exception e) {
    counters.error(e);
    dueNs = startNs + RETRY_NS;
  }

  /** Fetches what is new; true when the playlist had moved on. */
  private boolean fetchNew(Media media) throws IOException, InterruptedException {
    List<Segment> segments = media.segments();
    if (segments.isEmpty()) {
      return false;
    }
    long first = segments.getFirst().sequence();
    long end = segments.getLast().sequence() + 1;
    if (nextSequence < 0 || end < nextSequence) {
      nextSequence = Math.max(first, end - START_SEGMENTS_FROM_END);
    }
    if (first > nextSequence) {
      counters.missed(first - nextSequence);
      nextSequence = first;
    }
    boolean changed = nextSequence < end;
    for (Segment segment : segments) {
      if (segment.sequence() >= nextSequence) {
        fetch(segment, media.targetDurationS());
        nextSequence = segment.sequence() + 1;
      }
    }
    return changed;
  }

  private void fetch(Segment segment, int targetDurationS)
      throws IOException, InterruptedException {
    if (segment.gap()) {
      counters.gap();
      return;
    }
    String map = segment.mapUri();
    if (map != null && !map.equals(fetchedMap)) {
      fetcher.drain(playlist.resolve(map));
      fetchedMap = map;
    }
    long sizeBytes = fetcher.drain(playlist.resolve(segment.uri()));
    counters.segment(System.nanoTime(), sizeBytes);
    if (countsForPlayhead) {
      long startAtUs = START_SEGMENTS_FROM_END * TimeUnit.SECONDS.toMicros(targetDurationS);
      counters.media(System.nanoTime(), segment.durationUs(), startAtUs);
    }
  }
}
