package io.millrace.loadtest.e2e;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows one rendition as a low-latency player does (RFC 8216bis §6.3): blocking reloads, every
 * other one a delta update, hinted parts asked for before they are there. It keeps what it gets and
 * notes what is not as the standard has it. One thread.
 */
final class LowLatencyClient {
  /** §4.4.4.9: all but the last part of a segment are at least this much of PART-TARGET. */
  private static final BigDecimal LEAST_OF_TARGET = new BigDecimal("0.85");

  private static final BigDecimal ROUNDING = new BigDecimal("0.00001");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final URI uri;
  private final TreeMap<Long, HlsPlaylist.Entry> entries = new TreeMap<>();
  private final Map<URI, byte[]> parts = new HashMap<>();
  private final Map<URI, CompletableFuture<HttpResponse<byte[]>>> hints = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private HlsPlaylist.@Nullable Media newest;
  private int reloads;
  private int deltas;
  private int hintsKept;
  private int segmentsCompared;

  LowLatencyClient(URI uri) {
    this.uri = uri;
  }

  List<String> problems() {
    return problems;
  }

  /** Blocking reloads that were answered. */
  int reloads() {
    return reloads;
  }

  /** Delta updates that left something out. */
  int deltas() {
    return deltas;
  }

  /** Hinted parts that came. */
  int hintsKept() {
    return hintsKept;
  }

  /** Segments that were compared with their parts. */
  int segmentsCompared() {
    return segmentsCompared;
  }

  HlsPlaylist.Media newest() {
    return java.util.Objects.requireNonNull(newest);
  }

  /** Follows it for so long. */
  LowLatencyClient follow(Duration duration) {
    take(load(uri), -1, -1);
    long endNanos = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < endNanos && !newest().ended()) {
      long sequence = newest().openSequence();
      int part = newest().openParts();
      String skip =
          switch (reloads % 4) {
            case 1 -> "&_HLS_skip=YES";
            case 3 -> "&_HLS_skip=v2";
            default -> "";
          };
      String query = "?_HLS_msn=" + sequence + "&_HLS_part=" + part + skip;
      HlsPlaylist.Media playlist = load(uri.resolve(uri.getPath() + query));
      reloads++;
      take(playlist, sequence, part);
    }
    return this;
  }

  private HlsPlaylist.Media load(URI from) {
    return HlsPlaylist.media(from, Web.text(from));
  }

  private void take(HlsPlaylist.Media playlist, long sequence, int part) {
    if (sequence >= 0 && !playlist.ended() && !contains(playlist, sequence, part)) {
      problem("was asked for part " + part + " of " + sequence + " and has less");
    }
    merge(playlist);
    newest = playlist;
    checkParts(playlist);
    URI hint = playlist.lowLatency().hint();
    if (hint != null && !hints.containsKey(hint)) {
      hints.put(hint, Web.ask(hint));
    }
    playlist.lowLatency().parts().stream().filter(it -> !it.gap()).forEach(this::fetch);
    compareSegments(playlist);
    checkReports(playlist);
  }

  /** A part behind the last of its segment stands for the first of the next (§6.2.5.2). */
  private static boolean contains(HlsPlaylist.Media playlist, long sequence, int part) {
    return playlist.openSequence() > sequence
        || (playlist.openSequence() == sequence && playlist.openParts() > part);
  }

  private void merge(HlsPlaylist.Media playlist) {
    if (playlist.lowLatency().skipped() > 0) {
      deltas++;
      for (int i = 0; i < playlist.lowLatency().skipped(); i++) {
        if (!entries.containsKey(playlist.firstSequence() + i)) {
          problem("a delta skips " + (playlist.firstSequence() + i) + ", which was never listed");
        }
      }
    }
    for (HlsPlaylist.Entry entry : playlist.entries()) {
      HlsPlaylist.Entry known = entries.putIfAbsent(entry.sequence(), entry);
      if (known != null
          && !(known.uri().equals(entry.uri())
              && known.seconds().equals(entry.seconds())
              && known.gap() == entry.gap())) {
        problem("segment changed: " + known + " to " + entry);
      }
    }
  }

  private void checkParts(HlsPlaylist.Media playlist) {
    BigDecimal target = playlist.lowLatency().partTarget();
    if (target == null) {
      problem("no EXT-X-PART-INF");
      return;
    }
    for (HlsPlaylist.Part part : playlist.lowLatency().parts()) {
      boolean last =
          playlist.partsOf(part.sequence()).getLast().equals(part)
              && part.sequence() < playlist.openSequence();
      if (part.seconds().compareTo(target) > 0) {
        problem("longer than PART-TARGET " + target + ": " + part);
      }
      boolean newest = part.equals(playlist.lowLatency().parts().getLast());
      if (!last && !newest && part.seconds().compareTo(target.multiply(LEAST_OF_TARGET)) < 0) {
        problem("shorter than 85 % of PART-TARGET " + target + ": " + part);
      }
    }
  }

  private void fetch(HlsPlaylist.Part part) {
    if (parts.containsKey(part.uri())) {
      return;
    }
    byte[] bytes = Web.bytes(part.uri());
    parts.put(part.uri(), bytes);
    CompletableFuture<HttpResponse<byte[]>> hinted = hints.remove(part.uri());
    if (hinted != null) {
      HttpResponse<byte[]> response = join(hinted);
      if (response.statusCode() != 200 || !Arrays.equals(response.body(), bytes)) {
        problem("hinted part came as " + response.statusCode() + " with other bytes: " + part);
      }
      hintsKept++;
    }
  }

  private static HttpResponse<byte[]> join(CompletableFuture<HttpResponse<byte[]>> response) {
    return response.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  /** Whole segments of which all parts are known. */
  private void compareSegments(HlsPlaylist.Media playlist) {
    for (HlsPlaylist.Entry entry : playlist.entries()) {
      List<HlsPlaylist.Part> of = playlist.partsOf(entry.sequence());
      URI marker = entry.uri();
      if (entry.gap() || of.isEmpty() || parts.containsKey(marker)) {
        continue;
      }
      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      BigDecimal seconds = BigDecimal.ZERO;
      for (HlsPlaylist.Part part : of) {
        joined.writeBytes(parts.getOrDefault(part.uri(), new byte[0]));
        seconds = seconds.add(part.seconds());
      }
      byte[] whole = Web.bytes(entry.uri());
      parts.put(marker, whole);
      segmentsCompared++;
      if (!Arrays.equals(whole, joined.toByteArray())) {
        problem("is not its parts end to end: " + entry + ", " + of.size() + " parts");
      }
      BigDecimal allowed = ROUNDING.multiply(BigDecimal.valueOf(of.size()));
      if (seconds.subtract(entry.seconds()).abs().compareTo(allowed) > 0) {
        problem("parts last " + seconds + " s: " + entry);
      }
      if (!of.getFirst().independent() && isVideo()) {
        problem("the first part is not independent: " + entry);
      }
    }
  }

  private boolean isVideo() {
    return !uri.getPath().contains("audio");
  }

  /** What a playlist says of another rendition is there when that one is asked. */
  private void checkReports(HlsPlaylist.Media playlist) {
    if (reloads % 10 != 5) {
      return;
    }
    for (HlsPlaylist.Report report : playlist.lowLatency().reports()) {
      HlsPlaylist.Media other = load(report.uri());
      long sequence = report.lastSequence();
      if (report.lastPart() < 0 || !contains(other, sequence, report.lastPart())) {
        problem("reports what is not there: " + report);
      }
      if (sequence < playlist.openSequence() - 2) {
        problem("reports what is long past: " + report + " at " + playlist.openSequence());
      }
    }
  }

  private void problem(String what) {
    problems.add(uri.getPath() + ": " + what);
  }
}
