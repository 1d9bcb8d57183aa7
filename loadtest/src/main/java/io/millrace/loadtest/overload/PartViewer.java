package io.millrace.loadtest.overload;

import io.millrace.loadtest.hls.Playhead;
import io.millrace.loadtest.overload.KeepAliveClient.Reply;
import io.millrace.loadtest.overload.PartPlaylist.Part;
import io.millrace.loadtest.overload.PartPlaylist.Segment;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches one rendition by blocking reloads (RFC 8216bis §6.2.5.2), fetches every part once, and
 * feeds two players' buffers with them: one that plays PART-HOLD-BACK behind, one that plays
 * HOLD-BACK behind. What is a gap is no media: both run dry over it.
 *
 * <p>{@link #run} belongs to one thread, everything else may be called from any.
 */
final class PartViewer implements Runnable {
  private static final long RETRY_MS = 200;

  private final InetSocketAddress server;
  private final String folder;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Playhead close = new Playhead();
  private final Playhead usual = new Playhead();
  private long parts;
  private long missing;
  private long errors;
  private long longestWaitNs;
  private long arrivedNs;
  private String lastError = "";
  private @Nullable Watched result;
  private final List<Miss> misses = new ArrayList<>();

  /** Where it is: the part that comes next. Of the thread of {@link #run}. */
  private long sequence = -1;

  private int part;

  /** What the player that is close to the end leaves out at its start. */
  private long closeSkipsUs;

  /**
   * Parts of one segment that are no media.
   *
   * @param atMs since the epoch, when that was seen
   * @param why as far as a viewer can know
   */
  record Miss(long atMs, long sequence, long parts, String why) {}

  /**
   * What one has seen.
   *
   * @param parts fetched; a segment that was not listed in parts any more counts as one
   * @param missing parts that are gaps, or left the playlist before they were listed
   * @param errors requests that failed once the rendition was there
   * @param longestWaitMs between the arrivals of two parts
   * @param closeStalls of the player PART-HOLD-BACK behind, with how long altogether
   * @param usualStalls of the player HOLD-BACK behind
   */
  record Watched(
      long parts,
      long missing,
      long errors,
      long longestWaitMs,
      long closeStalls,
      long closeStalledMs,
      long usualStalls,
      long usualStalledMs,
      String lastError) {
    static final Watched NOTHING = new Watched(0, 0, 0, 0, 0, 0, 0, 0, "");

    Watched plus(Watched other) {
      return new Watched(
          parts + other.parts,
          missing + other.missing,
          errors + other.errors,
          Math.max(longestWaitMs, other.longestWaitMs),
          closeStalls + other.closeStalls,
          closeStalledMs + other.closeStalledMs,
          usualStalls + other.usualStalls,
          usualStalledMs + other.usualStalledMs,
          other.lastError.isEmpty() ? lastError : other.lastError);
    }
  }

  /**
   * @param folder of the rendition's playlist, with a slash at both ends
   */
  PartViewer(InetSocketAddress server, String folder) {
    this.server = server;
    this.folder = folder;
  }

  /** Stops watching; what comes later is not counted any more. */
  synchronized Watched stop() {
    stopped.countDown();
    Watched known = result;
    if (known == null) {
      known = seen();
      result = known;
    }
    return known;
  }

  /** What it has seen so far. */
  synchronized Watched seen() {
    Watched known = result;
    if (known != null) {
      return known;
    }
    long nowNs = System.nanoTime();
    close.advance(nowNs);
    usual.advance(nowNs);
    return new Watched(
        parts,
        missing,
        errors,
        longestWaitNs / 1_000_000,
        close.stalls(),
        close.stalledUs() / 1_000,
        usual.stalls(),
        usual.stalledUs() / 1_000,
        lastError);
  }

  @Override
  public void run() {
    try {
      while (stopped.getCount() > 0) {
        try (KeepAliveClient client = new KeepAliveClient(server)) {
          follow(client);
        } catch (IOException | IllegalArgumentException e) {
          failed(e.toString());
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow(KeepAliveClient client) throws IOException, InterruptedException {
    while (stopped.getCount() > 0) {
      String directives = sequence < 0 ? "" : "?_HLS_msn=" + sequence + "&_HLS_part=" + part;
      Reply reply = client.get(folder + "media.m3u8" + directives);
      if (reply.status() == 200) {
        PartPlaylist playlist = PartPlaylist.parse(reply.text(), sequence);
        if (sequence < 0 ? start(playlist, client) : take(playlist, client)) {
          continue;
        }
        if (playlist.ended()) {
          return;
        }
      } else if (sequence >= 0) {
        failed("status " + reply.status() + " for the playlist" + directives);
      }
      pause();
    }
  }

  private void pause() throws InterruptedException {
    var _ = stopped.await(RETRY_MS, TimeUnit.MILLISECONDS);
  }

  /** Begins HOLD-BACK behind the end, or with the oldest. False where there are no parts yet. */
  private boolean start(PartPlaylist playlist, KeepAliveClient client) throws IOException {
    if (playlist.partTargetUs() == 0
        || playlist.segments().isEmpty()
        || playlist.segments().getLast().parts().isEmpty()) {
      return false;
    }
    long behindUs = 0;
    for (Segment segment : playlist.segments().reversed()) {
      if (behindUs >= playlist.holdBackUs() || segment.gap()) {
        break;
      }
      behindUs += segment.reachesUs();
      sequence = segment.sequence();
    }
    if (sequence < 0) {
      return false;
    }
    closeSkipsUs = behindUs - playlist.partHoldBackUs();
    boolean _ = take(playlist, client);
    return true;
  }

  /** Fetches what is new; false where nothing was. */
  private boolean take(PartPlaylist playlist, KeepAliveClient client) throws IOException {
    long beforeSequence = sequence;
    int beforePart = part;
    for (Segment segment : playlist.segments()) {
      if (segment.sequence() < sequence) {
        continue;
      }
      if (segment.sequence() > sequence) {
        missed(
            (segment.sequence() - sequence) * partsOf(segment, playlist),
            "not listed any more up to " + segment.sequence());
        sequence = segment.sequence();
        part = 0;
      }
      if (segment.parts().isEmpty() && segment.isComplete()) {
        whole(segment, playlist, client);
      }
      while (part < segment.parts().size()) {
        Part next = segment.parts().get(part);
        part++;
        if (next.gap() || segment.gap()) {
          missed(1, "a gap");
        } else {
          fetch(client, next.uri(), next.durationUs(), playlist);
        }
      }
      if (segment.isComplete()) {
        sequence++;
        part = 0;
      }
    }
    return sequence != beforeSequence || part != beforePart;
  }

  /** One that is not listed in parts. */
  private void whole(Segment segment, PartPlaylist playlist, KeepAliveClient client)
      throws IOException {
    if (segment.gap()) {
      missed(Math.max(0, partsOf(segment, playlist) - part), "a gap");
    } else if (part == 0) {
      fetch(client, segment.uri(), segment.durationUs(), playlist);
    } else {
      missed(Math.max(0, partsOf(segment, playlist) - part), "not listed in parts any more");
    }
  }

  private static long partsOf(Segment segment, PartPlaylist playlist) {
    return Math.max(
        1, Math.round((double) segment.durationUs() / Math.max(1, playlist.partTargetUs())));
  }

  private void fetch(KeepAliveClient client, String uri, long durationUs, PartPlaylist playlist)
      throws IOException {
    int status = client.get(folder + uri).status();
    if (status != 200) {
      failed("status " + status + " for " + uri);
      missed(1, "status " + status);
      return;
    }
    synchronized (this) {
      long nowNs = System.nanoTime();
      if (parts++ > 0) {
        longestWaitNs = Math.max(longestWaitNs, nowNs - arrivedNs);
      }
      arrivedNs = nowNs;
      if (closeSkipsUs <= 0) {
        close.arrived(nowNs, durationUs, playlist.partHoldBackUs());
      }
      closeSkipsUs -= durationUs;
      usual.arrived(nowNs, durationUs, playlist.holdBackUs());
    }
  }

  private synchronized void missed(long count, String why) {
    missing += count;
    Miss last = misses.isEmpty() ? null : misses.getLast();
    if (last != null && last.sequence == sequence && last.why.equals(why)) {
      misses.removeLast();
      misses.add(new Miss(last.atMs, sequence, last.parts + count, why));
    } else if (count > 0) {
      misses.add(new Miss(System.currentTimeMillis(), sequence, count, why));
    }
  }

  /** What it has missed so far, by segment. */
  synchronized List<Miss> misses() {
    return List.copyOf(misses);
  }

  private synchronized void failed(String why) {
    if (stopped.getCount() > 0 && sequence >= 0) {
      errors++;
      lastError = why;
    }
  }
}
