package io.millrace.loadtest.bench;

import io.millrace.loadtest.hls.HlsViewer;
import io.millrace.loadtest.hls.ViewerStats;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One server under {@code streams} publishers with one viewer each, measured twice: early, after
 * the warm-up, and late, when a JVM has compiled what is hot.
 *
 * <p>Publishers are {@code ffmpeg -re -c copy}, started 100 ms apart, each with its viewer.
 */
final class PassthroughRun {
  private static final long STAGGER_MS = 100;

  /**
   * When to measure.
   *
   * @param warmUp from the last publisher's start to the early window
   * @param lateStart from the last publisher's start to the late window; zero: there is none
   * @param window how long each window is
   */
  record Timing(Duration warmUp, Duration lateStart, Duration window) {
    Timing {
      if (!window.isPositive()) {
        throw new IllegalArgumentException("a window needs a length");
      }
      if (lateStart.isPositive() && lateStart.compareTo(warmUp.plus(window)) < 0) {
        throw new IllegalArgumentException("the late window starts before the early one ends");
      }
    }
  }

  /**
   * What was measured in one window.
   *
   * @param cpuSPerStreamMinute CPU seconds of the server's processes per minute of each stream
   * @param residentKib resident memory at its end
   * @param viewerBps media that each viewer received, in bits per second
   * @param machineBusy busy share of all CPUs, everybody's work counted, 0 to 1
   */
  record Window(
      double cpuSPerStreamMinute, long residentKib, double viewerBps, double machineBusy) {}

  /**
   * One run.
   *
   * @param windows early and, if asked for, late
   * @param firstSegmentS from a publisher's start to its viewer's first whole segment: the median
   * @param errors failed requests, missed segments and stalls of all viewers
   */
  record Result(
      String server, int streams, List<Window> windows, double firstSegmentS, long errors) {}

  private final ServerUnderTest server;
  private final int streams;
  private final Timing timing;
  private final List<String> publishCommand;
  private final List<ManagedProcess> publishers = new ArrayList<>();
  private final List<HlsViewer> viewers = new ArrayList<>();
  private final List<Thread> viewerThreads = new ArrayList<>();

  /**
   * @param publishCommand the program that publishes; the RTMP URL is added to it
   */
  PassthroughRun(ServerUnderTest server, int streams, Timing timing, List<String> publishCommand) {
    this.server = server;
    this.streams = streams;
    this.timing = timing;
    this.publishCommand = List.copyOf(publishCommand);
  }

  /** Runs once, in an empty directory. */
  Result run(Path directory) throws IOException, InterruptedException {
    try (ServerUnderTest.Running running = server.start(directory)) {
      try {
        for (int i = 0; i < streams; i++) {
          startStream(running, "bench" + i, directory);
          TimeUnit.MILLISECONDS.sleep(STAGGER_MS);
        }
        return measure(running);
      } finally {
        stopStreams();
      }
    }
  }

  private void startStream(ServerUnderTest.Running running, String name, Path directory)
      throws IOException {
    URI rtmp = running.rtmp(name);
    List<String> command = new ArrayList<>(publishCommand);
    command.add(rtmp.toString());
    HlsViewer viewer = new HlsViewer(running.playlist(name), 0);
    publishers.add(
        ManagedProcess.start(command, directory, directory.resolve(name + "-publisher.log")));
    viewers.add(viewer);
    viewerThreads.add(Thread.ofPlatform().name("viewer-" + name).start(viewer));
  }

  private Result measure(ServerUnderTest.Running running) throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    List<Window> windows = new ArrayList<>();
    windows.add(window(running, startNs, timing.warmUp()));
    if (timing.lateStart().isPositive()) {
      windows.add(window(running, startNs, timing.lateStart()));
    }
    List<ViewerStats> stats = viewers.stream().map(HlsViewer::stats).toList();
    return new Result(
        server.name(),
        streams,
        List.copyOf(windows),
        Median.of(stats.stream().map(ViewerStats::firstSegmentUs).toList()) / 1e6,
        stats.stream().mapToLong(s -> s.errors() + s.missed() + s.stalls()).sum());
  }

  private Window window(ServerUnderTest.Running running, long startNs, Duration after)
      throws IOException, InterruptedException {
    sleepUntil(startNs + after.toNanos());
    requireFlow();
    long beginNs = System.nanoTime();
    MachineLoad loadBefore = MachineLoad.now();
    long ticksBefore = ProcessUsage.ofTree(running.pid()).cpuTicks();
    long bytesBefore = mediaBytes();
    sleepUntil(beginNs + timing.window().toNanos());
    ProcessUsage usage = ProcessUsage.ofTree(running.pid());
    double seconds = (System.nanoTime() - beginNs) / 1e9;
    double cpuS = (double) (usage.cpuTicks() - ticksBefore) / ProcStat.TICKS_PER_SECOND;
    requireFlow();
    return new Window(
        cpuS * 60 / seconds / streams,
        usage.residentKib(),
        (mediaBytes() - bytesBefore) * 8 / seconds / streams,
        MachineLoad.now().busySince(loadBefore));
  }

  private static void sleepUntil(long deadlineNs) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(Math.max(0, deadlineNs - System.nanoTime()));
  }

  private long mediaBytes() {
    return viewers.stream().mapToLong(viewer -> viewer.stats().mediaBytes()).sum();
  }

  /** A figure without streams behind it would be a nice one. */
  private void requireFlow() throws IOException {
    for (int i = 0; i < streams; i++) {
      if (!publishers.get(i).isAlive()) {
        throw new IOException(server.name() + ": publisher ended: " + publishers.get(i).tail());
      }
      ViewerStats stats = viewers.get(i).stats();
      if (stats.segments() == 0) {
        throw new IOException(server.name() + ": nothing to view: " + stats.lastError());
      }
    }
  }

  private void stopStreams() throws InterruptedException {
    viewers.forEach(HlsViewer::stop);
    publishers.forEach(ManagedProcess::close);
    for (Thread thread : viewerThreads) {
      thread.interrupt();
      thread.join(TimeUnit.SECONDS.toMillis(20));
    }
  }
}
