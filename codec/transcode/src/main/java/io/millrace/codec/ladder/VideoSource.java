package io.millrace.codec.ladder;

import io.millrace.codec.CodecException;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoDecoder;
import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source's video track: decodes once, and gives pictures and boundaries to the rungs. Confined
 * to the decoding thread; the counters may be read by any.
 *
 * <p>Damage: an access unit that does not decode, and everything behind it up to the next key
 * frame, is left out and counted.
 */
final class VideoSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VideoSource.class);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long REPORT_NS = TimeUnit.SECONDS.toNanos(5);

  private final String streamName;
  private final NativeAccount account;
  private final TranscoderListener listener;
  private final PendingBoundaries boundaries;
  private final CaptionCarrier captions = new CaptionCarrier();

  /** Rungs that wait for the picture of their first boundary, the first ones first. */
  private final ArrayDeque<Change> changes = new ArrayDeque<>();

  private LadderPlan plan;

  /** In the order of the plan's. */
  private List<Rung> rungs;

  private TrackFormat.@Nullable Video format;
  private @Nullable VideoDecoder decoder;
  private @Nullable VideoFanOut fanOut;
  private boolean waitsForKey = true;
  private boolean idle;
  private long lastPtsTicks = Long.MIN_VALUE;
  private long spentScalingNs;
  private long nextReportNs = System.nanoTime();

  private volatile long decoded;
  private volatile long damaged;
  private volatile long decodeNs;
  private volatile long scaleNs;

  /** Other rungs, which decoded pictures reach later than the boundary comes in. */
  private static final class Change {
    private final LadderPlan plan;
    private final List<Rung> rungs;
    private long fromSequence = Long.MAX_VALUE;

    Change(LadderPlan plan, List<Rung> rungs) {
      this.plan = plan;
      this.rungs = rungs;
    }
  }

  VideoSource(
      String streamName,
      LadderPlan plan,
      List<Rung> rungs,
      NativeAccount account,
      TranscoderListener listener) {
    this.streamName = streamName;
    this.plan = plan;
    this.rungs = rungs;
    this.account = account;
    this.listener = listener;
    this.boundaries = new PendingBoundaries(this::empty);
  }

  void format(TrackFormat.Video changed) {
    if (changed.equals(format)) {
      return;
    }
    drain();
    closeCodecs();
    format = changed;
    captions.format(changed);
    plan = changed.equals(plan.source()) ? plan : plan.onto(changed);
    if (!isUnneeded()) {
      openCodecs(changed);
    }
  }

  private void openCodecs(TrackFormat.Video source) {
    String unusable = LadderPlan.reasonAgainst(plan.ladder(), source);
    if (unusable != null) {
      fail(new CodecException(unusable));
      return;
    }
    try {
      fanOut = new VideoFanOut(plan, rungs, account);
      decoder = new FfmpegVideoDecoder(source, account);
    } catch (CodecException e) {
      fail(e);
    } catch (IllegalArgumentException e) {
      fail(new CodecException("source cannot be scaled: " + source, e));
    }
  }

  /** True while nobody wants pictures: only the sound is encoded. */
  private boolean isUnneeded() {
    return rungs.isEmpty() && changes.isEmpty();
  }

  /**
   * Other rungs, from the next boundary on.
   *
   * @param next in the order of {@code other}'s; those that are there already go on
   */
  void change(LadderPlan other, List<Rung> next) {
    boolean opens = isUnneeded() && !next.isEmpty();
    changes.add(new Change(other, next));
    TrackFormat.Video source = format;
    if (opens && source != null && decoder == null) {
      waitsForKey = true;
      openCodecs(source);
    }
  }

  /** What changes at this boundary or before it. */
  private void changeAt(TrackEvent.Boundary boundary) {
    for (Change next = changes.peekFirst();
        next != null && next.fromSequence <= boundary.sequence();
        next = changes.peekFirst()) {
      changes.removeFirst();
      List<Rung> before = rungs;
      rungs = next.rungs;
      TrackFormat.Video source = format;
      plan =
          source == null || source.equals(next.plan.source()) ? next.plan : next.plan.onto(source);
      if (fanOut != null) {
        fanOut = fanOut.changed(plan, rungs, account);
      }
      for (Rung rung : before) {
        if (!rungs.contains(rung)) {
          rung.put(new RungInput.Leave(LadderEngine.LEFT));
        }
      }
    }
  }

  private void empty(TrackEvent.Boundary boundary) {
    changeAt(boundary);
    tell(new RungInput.EmptySegment(boundary));
  }

  void boundary(TrackEvent.Boundary boundary) {
    if (isUnneeded()) {
      closeCodecs();
      return;
    }
    for (Change change : changes) {
      change.fromSequence = Math.min(change.fromSequence, boundary.sequence());
    }
    boundaries.add(boundary);
    boolean wanted =
        rungs.stream().anyMatch(Rung::isWanted)
            || changes.stream().anyMatch(next -> next.rungs.stream().anyMatch(Rung::isWanted));
    if (!wanted && !idle) {
      idle();
    } else if (wanted) {
      idle = false;
    }
    if (idle) {
      boundaries.giveUp();
    }
  }

  /** Nothing is decoded while no rung is wanted, from the end of a segment on. */
  private void idle() {
    drain();
    captions.clear();
    if (fanOut != null) {
      fanOut.pause();
    }
    idle = true;
  }

  /** Borrows {@code sample}. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void sample(TrackEvent.Sample sample) {
    if (isUnneeded() || idle) {
      return;
    }
    VideoDecoder current = decoder;
    if (current == null || (waitsForKey && !sample.key())) {
      damaged++;
      return;
    }
    waitsForKey = false;
    long startNs = THREADS.getCurrentThreadCpuTime();
    spentScalingNs = 0;
    captions.read(sample);
    try {
      if (!current.decode(sample, this::picture)) {
        damaged++;
        waitsForKey = true;
        reportDamage(System.nanoTime());
      }
    } catch (CodecException e) {
      fail(e);
    }
    decodeNs += THREADS.getCurrentThreadCpuTime() - startNs - spentScalingNs;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void picture(DecodedFrame frame, long ptsTicks, long durationTicks) {
    long startNs = THREADS.getCurrentThreadCpuTime();
    try {
      decoded++;
      TrackEvent.Boundary boundary = boundaries.reach(ptsTicks);
      if (boundary != null) {
        changeAt(boundary);
      }
      // A clip that begins again may send its last picture and its first one for the same instant.
      long shownTicks =
          boundary == null ? ptsTicks : Math.max(boundary.startTicks(), lastPtsTicks + 1);
      // A decoder that has to guess its delay may give a picture behind its time.
      if (shownTicks > lastPtsTicks && fanOut != null) {
        lastPtsTicks = shownTicks;
        fanOut.send(frame, shownTicks, durationTicks, boundary, captions.take(ptsTicks));
      } else {
        damaged++;
      }
    } finally {
      frame.release();
      long spentNs = THREADS.getCurrentThreadCpuTime() - startNs;
      spentScalingNs += spentNs;
      scaleNs += spentNs;
    }
  }

  private void reportDamage(long nowNs) {
    if (nowNs - nextReportNs >= 0) {
      nextReportNs = nowNs + REPORT_NS;
      LOG.atWarn()
          .addKeyValue("stream", streamName)
          .addKeyValue("damaged", damaged)
          .log("access unit does not decode, going on at the next key frame");
    }
  }

  void discontinuity(TrackEvent.Discontinuity event) {
    drain();
    captions.clear();
    tell(new RungInput.Break(event));
    lastPtsTicks = Long.MIN_VALUE;
  }

  void end(TrackEvent.End event) {
    drain();
    tell(new RungInput.Finish(event));
  }

  /** Everything that the decoder holds goes to the rungs; boundaries without a picture too. */
  private void drain() {
    VideoDecoder current = decoder;
    if (current != null) {
      try {
        current.drain(this::picture);
      } catch (CodecException e) {
        fail(e);
      }
    }
    boundaries.giveUp();
    waitsForKey = true;
  }

  private void fail(CodecException cause) {
    closeCodecs();
    boundaries.giveUp();
    LOG.atError()
        .addKeyValue("stream", streamName)
        .setCause(cause)
        .log("source cannot be transcoded");
    tell(new RungInput.Finish(new TrackEvent.End("source cannot be decoded")));
    listener.sourceFailed(cause);
  }

  private void tell(RungInput control) {
    rungs.forEach(rung -> rung.put(control));
  }

  private void closeCodecs() {
    if (decoder != null) {
      decoder.close();
      decoder = null;
    }
    if (fanOut != null) {
      fanOut.close();
      fanOut = null;
    }
  }

  long decoded() {
    return decoded;
  }

  long damaged() {
    return damaged;
  }

  long decodeNs() {
    return decodeNs;
  }

  long scaleNs() {
    return scaleNs;
  }

  @Override
  public void close() {
    closeCodecs();
  }
}
