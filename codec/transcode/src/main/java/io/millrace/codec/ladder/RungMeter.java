package io.millrace.codec.ladder;

import io.millrace.codec.EncoderOptions;
import io.millrace.media.Timescale;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * One rung's counters. Everything is written by the rung's thread, but {@link #offered}; snapshots
 * are read by any.
 */
final class RungMeter {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long SAMPLE_NS = 500_000_000L;
  private static final long MAX_CONTENT_TICKS = Timescale.VIDEO.ticksPerSecond();

  private final RealTimeFactor realTimeFactor = new RealTimeFactor();
  private EncoderThreads threads = EncoderThreads.NONE;
  private long threadsCpuNs;
  private long lastPtsTicks = Long.MIN_VALUE;
  private long startNs;
  private long startCpuNs;
  private long contentTicks;
  private long busyWallNs;
  private long busyCpuNs;
  private long nextSampleNs;

  private volatile String engine = "";
  private volatile long in;
  private volatile long out;
  private volatile long keys;
  private volatile long bytes;
  private volatile long wallNs;
  private volatile long cpuNs;
  private volatile long skipped;
  private volatile boolean failed;
  private volatile boolean paused;
  private volatile String preset = "";
  private volatile boolean halfRate;
  private volatile int crf = EncoderOptions.UNSET;
  private volatile double vmaf = EncoderOptions.UNSET;

  /** A picture was offered; decoding thread. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void offered() {
    in++;
  }

  /** A picture came before there was a boundary to start at. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void skipped() {
    skipped++;
  }

  void opened(String newEngine, String newPreset, EncoderThreads newThreads) {
    if (!newPreset.equals(preset)) {
      realTimeFactor.reset();
    }
    engine = newEngine;
    preset = newPreset;
    threads = newThreads;
    threadsCpuNs = 0;
    lastPtsTicks = Long.MIN_VALUE;
  }

  /** The encoder is about to be closed: its threads are counted for the last time. */
  void closing(long nowNs) {
    sample(nowNs);
    threads = EncoderThreads.NONE;
  }

  void failed() {
    failed = true;
  }

  /** Decoding thread. */
  void halfRate(boolean now) {
    halfRate = now;
  }

  /** The quality in force, and what the last sample came to. */
  void quality(int newCrf, double newVmaf) {
    crf = newCrf;
    vmaf = newVmaf;
  }

  /** Any thread. */
  void paused(boolean now) {
    paused = now;
  }

  void begin(long nowNs) {
    startNs = nowNs;
    startCpuNs = THREADS.getCurrentThreadCpuTime();
  }

  /** One encoder call ended. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void end(long nowNs, long ptsTicks) {
    long callNs = nowNs - startNs;
    long callCpuNs = THREADS.getCurrentThreadCpuTime() - startCpuNs;
    wallNs += callNs;
    cpuNs += callCpuNs;
    busyWallNs += callNs;
    busyCpuNs += callCpuNs;
    if (lastPtsTicks != Long.MIN_VALUE) {
      contentTicks += Math.clamp(ptsTicks - lastPtsTicks, 0, MAX_CONTENT_TICKS);
    }
    lastPtsTicks = ptsTicks;
    if (nowNs - nextSampleNs >= 0) {
      sample(nowNs);
    }
  }

  /** The encoder has delivered what it held: its work, but no content of its own. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void drained(long nowNs) {
    wallNs += nowNs - startNs;
    cpuNs += THREADS.getCurrentThreadCpuTime() - startCpuNs;
  }

  /**
   * An encoder that works in threads of its own is busy while they compute, not while it is being
   * called; one that works in the calling thread, or waits for its threads, is busy in the call.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void sample(long nowNs) {
    long allNs = threads.cpuNs();
    long deltaNs = Math.max(0, allNs - threadsCpuNs);
    threadsCpuNs = allNs;
    cpuNs += deltaNs;
    realTimeFactor.add(contentTicks, Math.max(busyWallNs, busyCpuNs + deltaNs));
    contentTicks = 0;
    busyWallNs = 0;
    busyCpuNs = 0;
    nextSampleNs = nowNs + SAMPLE_NS;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void delivered(int sizeBytes, boolean key) {
    out++;
    bytes += sizeBytes;
    if (key) {
      keys++;
    }
  }

  double realTimeFactor() {
    return realTimeFactor.get();
  }

  boolean hasFailed() {
    return failed;
  }

  RungStats snapshot(String name, RungQueue queue) {
    return new RungStats(
        name,
        engine,
        in,
        out,
        queue.dropped() + skipped,
        keys,
        bytes,
        wallNs,
        cpuNs,
        realTimeFactor.get(),
        queue.depth(),
        paused,
        failed,
        preset,
        halfRate,
        crf,
        vmaf);
  }
}
