package io.millrace.codec.ladder;

import io.millrace.codec.CodecException;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoDecoder;
import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
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
  private static final long REPORT_NS = TimeUnit.SECONDS.toNanos(5);

  private final String streamName;
  private final List<Rung> rungs;
  private final NativeAccount account;
  private final TranscoderListener listener;
  private final PendingBoundaries boundaries;
  private final CaptionCarrier captions = new CaptionCarrier();
  private LadderPlan plan;
  private TrackFormat.@Nullable Video format;
  private @Nullable VideoDecoder decoder;
  private @Nullable VideoFanOut fanOut;
  private boolean waitsForKey = true;
  private long lastPtsTicks = Long.MIN_VALUE;
  private long spentScalingNs;
  private long nextReportNs = System.nanoTime();

  private volatile long decoded;
  private volatile long damaged;
  private volatile long decodeNs;
  private volatile long scaleNs;

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
    this.boundaries = new PendingBoundaries(boundary -> tell(new RungInput.EmptySegment(boundary)));
  }

  void format(TrackFormat.Video changed) {
    if (rungs.isEmpty() || changed.equals(format)) {
      return; // nobody wants pictures: only the sound is encoded
    }
    drain();
    closeCodecs();
    format = changed;
    captions.format(changed);
    plan = changed.equals(plan.source()) ? plan : plan.onto(changed);
    String unusable = LadderPlan.reasonAgainst(changed);
    if (unusable != null) {
      fail(new CodecException(unusable));
      return;
    }
    try {
      fanOut = new VideoFanOut(plan, rungs, account);
      decoder = new FfmpegVideoDecoder(changed, account);
    } catch (CodecException e) {
      fail(e);
    } catch (IllegalArgumentException e) {
      fail(new CodecException("source cannot be scaled: " + changed, e));
    }
  }

  void boundary(TrackEvent.Boundary boundary) {
    if (!rungs.isEmpty()) {
      boundaries.add(boundary);
    }
  }

  /** Borrows {@code sample}. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void sample(TrackEvent.Sample sample) {
    if (rungs.isEmpty()) {
      return;
    }
    VideoDecoder current = decoder;
    if (current == null || (waitsForKey && !sample.key())) {
      damaged++;
      return;
    }
    waitsForKey = false;
    long startNs = System.nanoTime();
    spentScalingNs = 0;
    captions.read(sample);
    try {
      if (!current.decode(sample, this::picture)) {
        damaged++;
        waitsForKey = true;
        reportDamage(startNs);
      }
    } catch (CodecException e) {
      fail(e);
    }
    decodeNs += System.nanoTime() - startNs - spentScalingNs;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void picture(DecodedFrame frame, long ptsTicks, long durationTicks) {
    long startNs = System.nanoTime();
    try {
      decoded++;
      TrackEvent.Boundary boundary = boundaries.reach(ptsTicks);
      long shownTicks = boundary == null ? ptsTicks : boundary.startTicks();
      // A decoder that has to guess its delay may give a picture behind its time.
      if (shownTicks > lastPtsTicks && fanOut != null) {
        lastPtsTicks = shownTicks;
        fanOut.send(frame, shownTicks, durationTicks, boundary, captions.take(ptsTicks));
      } else {
        damaged++;
      }
    } finally {
      frame.release();
      long spentNs = System.nanoTime() - startNs;
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
