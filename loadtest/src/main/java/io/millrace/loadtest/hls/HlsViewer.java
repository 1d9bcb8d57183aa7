package io.millrace.loadtest.hls;

import io.millrace.loadtest.hls.HlsPlaylist.AudioRendition;
import io.millrace.loadtest.hls.HlsPlaylist.Media;
import io.millrace.loadtest.hls.HlsPlaylist.Multivariant;
import io.millrace.loadtest.hls.HlsPlaylist.Variant;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One viewer: takes one variant and its audio, and from then on every playlist update and every
 * segment, in the rhythm of a player (RFC 8216 §6.3.4). Waits for a stream that is not there yet.
 *
 * <p>{@link #run} belongs to one thread; {@link #stats} and {@link #stop} may be called from any.
 */
public final class HlsViewer implements Runnable {
  private static final long WAIT_FOR_STREAM_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final URI url;
  private final int variantIndex;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final ViewerCounters counters = new ViewerCounters();

  /**
   * @param url a multivariant or media playlist on this machine
   * @param variantIndex which variant to watch, from 0; counted round where there are fewer
   */
  public HlsViewer(URI url, int variantIndex) {
    this.url = url;
    this.variantIndex = variantIndex;
  }

  /** The counters so far. */
  public ViewerStats stats() {
    return counters.snapshot();
  }

  /** Makes {@link #run} return soon. */
  public void stop() {
    stopped.countDown();
  }

  @Override
  public void run() {
    counters.started(System.nanoTime());
    try (HttpFetcher fetcher = new HttpFetcher()) {
      follow(open(fetcher));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until the playlist is there; an empty list when stopped before that. */
  private List<TrackFollower> open(HttpFetcher fetcher) throws InterruptedException {
    do {
      try {
        return tracks(fetcher);
      } catch (IOException | IllegalArgumentException e) {
        counters.notThereYet(e);
      }
    } while (!pause(WAIT_FOR_STREAM_NS));
    return List.of();
  }

  private List<TrackFollower> tracks(HttpFetcher fetcher) throws IOException, InterruptedException {
    List<URI> playlists = new ArrayList<>();
    switch (HlsPlaylist.parse(fetcher.text(url))) {
      case Media _ -> playlists.add(url);
      case Multivariant master -> {
        Variant variant = master.variants().get(variantIndex % master.variants().size());
        playlists.add(url.resolve(variant.uri()));
        for (AudioRendition rendition : master.audio()) {
          if (rendition.uri() != null && rendition.group().equals(variant.audioGroup())) {
            playlists.add(url.resolve(rendition.uri()));
            break;
          }
        }
      }
    }
    List<TrackFollower> tracks = new ArrayList<>();
    for (URI playlist : playlists) {
      tracks.add(new TrackFollower(playlist, tracks.isEmpty(), fetcher, counters));
    }
    return tracks;
  }

  private void follow(List<TrackFollower> tracks) throws InterruptedException {
    boolean done = tracks.isEmpty();
    while (!done) {
      long dueNs = Long.MAX_VALUE;
      boolean ended = true;
      for (TrackFollower track : tracks) {
        if (track.dueNs() - System.nanoTime() <= 0) {
          track.reload();
        }
        ended &= track.ended();
        dueNs = dueNs == Long.MAX_VALUE ? track.dueNs() : earlier(dueNs, track.dueNs());
      }
      done = ended || pause(dueNs - System.nanoTime());
    }
  }

  /** {@code nanoTime} values are compared by difference: they may wrap. */
  private static long earlier(long aNs, long bNs) {
    return aNs - bNs < 0 ? aNs : bNs;
  }

  private boolean pause(long durationNs) throws InterruptedException {
    return stopped.await(Math.max(0, durationNs), TimeUnit.NANOSECONDS);
  }
}
