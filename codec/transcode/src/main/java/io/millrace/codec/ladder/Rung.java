package io.millrace.codec.ladder;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.TrackSink;
import io.millrace.natives.ThreadNiceness;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One video rung: its queue, its thread, and what happens when it fails. */
final class Rung {
  private static final Logger LOG = LoggerFactory.getLogger(Rung.class);
  private static final AtomicLong NUMBER = new AtomicLong();
  private static final long REPORT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final long DROP_REPORT_NS = TimeUnit.SECONDS.toNanos(5);

  /** No picture takes an encoder this long; one that does will not return. */
  private static final long STUCK_NS = TimeUnit.SECONDS.toNanos(20);

  private final String streamName;
  private final String name;
  private final int standsBack;
  private final RungQueue queue;
  private final RungMeter meter = new RungMeter();
  private final RungEncoder encoder;
  private final EndingSink sink;
  private final TranscoderListener listener;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Thread thread;
  private volatile long busySinceNs;
  private volatile boolean busy;
  private volatile boolean wanted = true;
  private volatile RungPace pace = RungPace.FULL;
  private long nextReportNs;
  private long nextDropReportNs;
  private long reportedDrops;

  /**
   * @param standsBack how much nicer its threads are than the others
   */
  Rung(
      String streamName,
      String name,
      int standsBack,
      TrackSink sink,
      VideoEncoders encoders,
      NativeAccount account,
      TranscoderSettings settings,
      TranscoderListener listener) {
    this.streamName = streamName;
    this.name = name;
    this.standsBack = standsBack;
    this.sink = new EndingSink(sink);
    this.listener = listener;
    this.queue = new RungQueue(settings.queuePictures(), settings.overload());
    this.encoder =
        new RungEncoder(
            streamName,
            name,
            encoders,
            account,
            this.sink,
            meter,
            System::nanoTime,
            settings.quality());
    long nowNs = System.nanoTime();
    this.nextReportNs = nowNs + REPORT_NS / 6;
    this.nextDropReportNs = nowNs;
    // The number comes first: Linux keeps 15 characters, and EncoderThreads needs them to differ.
    this.thread =
        Thread.ofPlatform()
            .name("enc" + NUMBER.incrementAndGet() + " " + streamName + " " + name)
            .daemon()
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  String name() {
    return name;
  }

  /** Takes a picture, or drops it; decoding thread. */
  void offer(RungInput.Frame frame) {
    meter.offered();
    queue.offer(frame);
    if (busy && System.nanoTime() - busySinceNs > STUCK_NS && !meter.hasFailed()) {
      fail(new EncoderStuckException("encoder does not return"));
    }
  }

  /** Takes anything but a picture; decoding thread. */
  void put(RungInput control) {
    if (!queue.put(control)) {
      fail(new EncoderStuckException("rung has not moved for too many segments"));
    }
  }

  /** Whether it is to encode, from the next segment on; any thread. */
  void want(boolean encode) {
    wanted = encode;
    meter.paused(!encode);
  }

  boolean isWanted() {
    return wanted;
  }

  /** How it is to be encoded, from the next segment on; any thread. */
  void pace(RungPace wantedPace) {
    pace = wantedPace;
  }

  RungPace pace() {
    return pace;
  }

  /** Its pictures are this many, from here on; decoding thread. */
  void atHalfRate(boolean now) {
    meter.halfRate(now);
  }

  boolean hasFailed() {
    return meter.hasFailed();
  }

  /** True once its thread has ended, and with it its encoder. */
  boolean isOver() {
    return thread.getState() == Thread.State.TERMINATED;
  }

  void configure(EncoderSettings settings) {
    put(new RungInput.Configure(settings));
  }

  RungStats stats() {
    return meter.snapshot(name, queue);
  }

  private void run() {
    try {
      standBack();
      for (RungInput input = queue.take(); input != null; input = queue.take()) {
        busySinceNs = System.nanoTime();
        busy = true;
        encoder.accept(input);
        busy = false;
        report(System.nanoTime());
        if (input instanceof RungInput.Leave) {
          queue.close();
        }
      }
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      fail(e);
    } finally {
      encoder.abandon();
    }
  }

  /** Before an encoder is opened: its own threads inherit it. */
  private void standBack() {
    try {
      if (standsBack > 0) {
        int niceness = ThreadNiceness.add(standsBack);
        LOG.atDebug()
            .addKeyValue("stream", streamName)
            .addKeyValue("rung", name)
            .addKeyValue("niceness", niceness)
            .log("stands back");
      }
    } catch (LinkageError e) {
      LOG.atDebug().setCause(e).log("threads of encoders cannot be made nicer here");
    }
  }

  private void fail(Throwable cause) {
    queue.close();
    if (ended.compareAndSet(false, true)) {
      meter.failed();
      LOG.atWarn()
          .addKeyValue("stream", streamName)
          .addKeyValue("rung", name)
          .setCause(cause)
          .log("rung failed");
      endTrack(cause);
      listener.rungFailed(name, cause);
    }
  }

  private void endTrack(Throwable cause) {
    try {
      sink.end("rung failed: " + cause.getMessage());
    } catch (RuntimeException e) {
      LOG.atDebug()
          .addKeyValue("stream", streamName)
          .addKeyValue("rung", name)
          .setCause(e)
          .log("sink refused the end");
    }
  }

  private void report(long nowNs) {
    if (nowNs - nextDropReportNs >= 0) {
      long drops = queue.dropped();
      if (drops != reportedDrops) {
        LOG.atWarn()
            .addKeyValue("stream", streamName)
            .addKeyValue("rung", name)
            .addKeyValue("dropped", drops - reportedDrops)
            .addKeyValue("real_time_factor", format(meter.realTimeFactor()))
            .log("rung cannot keep up");
        reportedDrops = drops;
      }
      nextDropReportNs = nowNs + DROP_REPORT_NS;
    }
    if (nowNs - nextReportNs >= 0) {
      RungStats stats = stats();
      LOG.atInfo()
          .addKeyValue("stream", streamName)
          .addKeyValue("rung", name)
          .addKeyValue("engine", stats.engine())
          .addKeyValue("real_time_factor", format(stats.realTimeFactor()))
          .addKeyValue("dropped", stats.picturesDropped())
          .log("encoding");
      nextReportNs = nowNs + REPORT_NS;
    }
  }

  private static String format(double factor) {
    return Long.toString(Math.round(factor * 100) / 100) + "." + twoDigits(factor);
  }

  private static String twoDigits(double factor) {
    long hundredths = Math.round(factor * 100) % 100;
    return hundredths < 10 ? "0" + hundredths : Long.toString(hundredths);
  }

  /** Lets nothing more in, discards what waits and asks the thread to end; does not wait. */
  void stop() {
    ended.set(true);
    sink.shut();
    queue.close();
  }

  /** Waits for the thread; false when it is still running. */
  boolean awaitStopped(long timeoutNs) {
    boolean interrupted = false;
    long deadlineNs = System.nanoTime() + timeoutNs;
    try {
      while (thread.isAlive()) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
        if (leftMs <= 0) {
          return false;
        }
        try {
          thread.join(leftMs);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
