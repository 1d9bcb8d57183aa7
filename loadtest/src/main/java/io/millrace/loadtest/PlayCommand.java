package io.millrace.loadtest;

import io.millrace.loadtest.hls.HlsViewer;
import io.millrace.loadtest.hls.ViewerStats;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code play}: HLS viewers that fetch everything a player would, and decode nothing. */
@Command(
    name = "play",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "HLS viewers of a stream on this machine; exit code 1 when any had an error.")
final class PlayCommand implements Callable<Integer> {
  private static final int MAX_VIEWERS = 1_000;
  private static final int MAX_SECONDS = 24 * 3_600;
  private static final int REPORT_S = 5;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Parameters(paramLabel = "URL", description = "a master or media playlist on this machine")
  private URI url = URI.create("");

  @Option(names = "--viewers", defaultValue = "1", description = "1 to " + MAX_VIEWERS)
  private int viewers;

  @Option(names = "--seconds", defaultValue = "60", description = "1 to " + MAX_SECONDS)
  private int seconds;

  @Option(names = "--spread", description = "viewers take the variants in turn, not all the first")
  private boolean spread;

  @Override
  public Integer call() throws InterruptedException {
    requireSane();
    List<HlsViewer> running = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < viewers; i++) {
      HlsViewer viewer = new HlsViewer(url, spread ? i : 0);
      running.add(viewer);
      threads.add(Thread.ofVirtual().name("viewer-" + i).start(viewer));
    }
    long bytesBefore = 0;
    for (int left = seconds; left > 0; left -= REPORT_S) {
      int pauseS = Math.min(REPORT_S, left);
      TimeUnit.SECONDS.sleep(pauseS);
      ViewerStats sum = sum(running);
      report(sum, (sum.mediaBytes() - bytesBefore) * 8.0 / pauseS);
      bytesBefore = sum.mediaBytes();
    }
    running.forEach(HlsViewer::stop);
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join();
    }
    ViewerStats sum = sum(running);
    return sum.segments() > 0 && sum.errors() + sum.missed() + sum.stalls() == 0 ? 0 : 1;
  }

  private void requireSane() {
    try {
      Loopback.require(url);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (viewers < 1 || viewers > MAX_VIEWERS || seconds < 1 || seconds > MAX_SECONDS) {
      throw new ParameterException(spec.commandLine(), "--viewers or --seconds out of range");
    }
  }

  private static ViewerStats sum(List<HlsViewer> viewers) {
    return viewers.stream().map(HlsViewer::stats).reduce(ViewerStats.NONE, ViewerStats::plus);
  }

  private void report(ViewerStats sum, double bitsPerSecond) {
    System.out.printf(
        Locale.ROOT,
        "%d viewers: %.1f Mbit/s, %d playlists, %d segments, %d gaps, %d missed, %d errors,"
            + " %d stalls (%.1f s)%s%n",
        viewers,
        bitsPerSecond / 1e6,
        sum.playlists(),
        sum.segments(),
        sum.gaps(),
        sum.missed(),
        sum.errors(),
        sum.stalls(),
        sum.stalledUs() / 1e6,
        sum.lastError().isEmpty() ? "" : "; last: " + sum.lastError());
  }
}
