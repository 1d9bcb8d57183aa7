package io.millrace.codec.ladder;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.VideoEncoders;
import io.millrace.codec.quality.QualityProbe;
import io.millrace.codec.quality.QualitySampling;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.caption.CaptionWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a rung's inputs into its track: the encoder's life, and the order of what comes out.
 *
 * <pre>
 *  in:   Configure  Frame(b7)  Frame  Frame  EmptySegment(b8)  Frame(b9)  …
 *  out:  Format  Boundary 7  Sample(key) Sample Sample  Boundary 8  Boundary 9  Sample(key) …
 * </pre>
 *
 * An encoder holds pictures back, so boundaries wait here until the key frame that starts their
 * segment comes out. An encoder is opened at a boundary and nowhere else. Confined to the rung's
 * thread.
 */
final class RungEncoder {
  private static final Logger LOG = LoggerFactory.getLogger(RungEncoder.class);

  /** Pictures inside an encoder: a look-ahead, a pyramid and then some. */
  private static final int MAX_INSIDE = 256;

  private static final long TICKS_PER_MS = Timescale.VIDEO.ticksPerSecond() / 1000;

  private final String streamName;
  private final String name;
  private final VideoEncoders encoders;
  private final NativeAccount account;
  private final TrackSink sink;
  private final RungMeter meter;
  private final LongSupplier nanoTime;
  private final @Nullable QualitySampling sampling;
  private final ArrayDeque<Due> boundaries = new ArrayDeque<>();
  private final ArrayDeque<Inside> inside = new ArrayDeque<>();
  private @Nullable EncoderSettings settings;
  private @Nullable KeyInterval keyInterval;
  private @Nullable VideoEncoder encoder;
  private int faster;

  /** Of a rung with a quality target. */
  private @Nullable QualityProbe quality;

  /** In force where there is a target. */
  private int crf;

  /** Presets faster with which the track's format stays what it is. */
  private int mostFaster = RungPace.MOST_FASTER;

  private TrackFormat.@Nullable Video format;
  private long lastDtsTicks = Long.MIN_VALUE;
  private long nextKeyTicks = Long.MAX_VALUE;

  /** A picture that the encoder has and has not delivered, in presentation order. */
  @SuppressWarnings("ArrayRecordComponent") // shared, never compared
  private record Inside(long ptsTicks, long durationTicks, byte @Nullable [] captions) {}

  /**
   * @param streamName for logs
   * @param sampling how a rung with a quality target is looked at; null: it is not
   */
  RungEncoder(
      String streamName,
      String name,
      VideoEncoders encoders,
      NativeAccount account,
      TrackSink sink,
      RungMeter meter,
      LongSupplier nanoTime,
      @Nullable QualitySampling sampling) {
    this.encoders = encoders;
    this.account = account;
    this.sink = sink;
    this.meter = meter;
    this.nanoTime = nanoTime;
    this.sampling = sampling;
    this.streamName = streamName;
    this.name = name;
  }

  /**
   * A boundary that the sink has not got.
   *
   * @param fromTicks presentation time of the picture that it is for
   */
  private record Due(TrackEvent.Boundary boundary, long fromTicks) {}

  /** Takes {@code input}. */
  void accept(RungInput input) {
    switch (input) {
      case RungInput.Frame frame -> {
        try {
          encode(frame);
        } finally {
          frame.picture().release();
        }
      }
      case RungInput.EmptySegment empty -> {
        boundaries.add(new Due(empty.boundary(), empty.boundary().startTicks()));
        if (inside.isEmpty()) {
          sendBoundaries(Long.MAX_VALUE);
        }
      }
      case RungInput.Configure configure -> {
        if (!configure.settings().equals(settings)) {
          finishEncoder();
          settings = configure.settings();
          quality = probe(configure.settings());
          mostFaster = RungPace.MOST_FASTER;
          keyInterval = new KeyInterval(configure.settings().frameRate().toDouble());
        }
      }
      case RungInput.Faster to -> faster(to.presets());
      case RungInput.Pause _ -> finishEncoder();
      case RungInput.Break broken -> {
        finishEncoder();
        lastDtsTicks = Long.MIN_VALUE;
        sink.accept(broken.event());
      }
      case RungInput.Finish finish -> {
        finishEncoder();
        sink.accept(finish.event());
      }
      case RungInput.Leave leave -> {
        finishEncoder();
        sink.accept(leave.event());
      }
    }
  }

  private void encode(RungInput.Frame frame) {
    TrackEvent.Boundary boundary = frame.boundary();
    if (encoder == null && boundary == null) {
      meter.skipped();
      return;
    }
    boolean key = boundary != null || frame.ptsTicks() >= nextKeyTicks;
    learnKeyInterval(key);
    QualityProbe probe = quality;
    if (boundary != null && probe != null && probe.crf() != crf) {
      finishEncoder();
    }
    VideoEncoder current = encoder == null ? open() : encoder;
    if (boundary != null && probe != null && format != null) {
      meter.quality(crf, probe.vmaf());
      probe.begin(format, crf, nanoTime.getAsLong());
    }
    if (probe != null) {
      probe.picture(frame.picture(), frame.ptsTicks());
    }
    if (boundary != null) {
      boundaries.add(new Due(boundary, frame.ptsTicks()));
    }
    inside.add(new Inside(frame.ptsTicks(), frame.durationTicks(), frame.captions()));
    if (inside.size() > MAX_INSIDE) {
      throw new CodecException("encoder holds more than " + MAX_INSIDE + " pictures");
    }
    meter.begin(nanoTime.getAsLong());
    current.encode(frame.picture(), frame.ptsTicks(), key, this::deliver);
    if (key) {
      nextKeyTicks = nextKey(frame.ptsTicks());
    }
    meter.end(nanoTime.getAsLong(), frame.ptsTicks());
  }

  private @Nullable QualityProbe probe(EncoderSettings configured) {
    dropSample();
    QualitySampling how = sampling;
    if (configured.options().vmaf() == EncoderOptions.UNSET) {
      return null;
    }
    if (how == null) {
      LOG.atWarn()
          .addKeyValue("stream", streamName)
          .addKeyValue("rung", name)
          .log("quality target: there is no program to measure it, the quality stays");
      return null;
    }
    return new QualityProbe(streamName, name, configured, how, account, nanoTime.getAsLong());
  }

  private void dropSample() {
    if (quality != null) {
      quality.drop();
    }
  }

  /** A millisecond early, to which some publishers round. */
  private long nextKey(long ptsTicks) {
    int everyMs = settings == null ? 0 : settings.options().keyEveryMs();
    return everyMs == 0 ? Long.MAX_VALUE : ptsTicks + (everyMs - 1) * TICKS_PER_MS;
  }

  private void learnKeyInterval(boolean atBoundary) {
    KeyInterval interval = keyInterval;
    if (interval == null) {
      return;
    }
    if (!atBoundary) {
      interval.picture();
      return;
    }
    Integer learned = interval.boundary();
    if (learned != null && encoder != null && encoder.followsKeyInterval()) {
      finishEncoder();
    }
  }

  private void faster(int presets) {
    int before = Math.min(faster, mostFaster);
    faster = presets;
    EncoderSettings configured = settings;
    if (configured != null
        && !configured
            .faster(before)
            .preset()
            .equals(configured.faster(Math.min(presets, mostFaster)).preset())) {
      finishEncoder();
    }
  }

  private VideoEncoder open() {
    if (settings == null || keyInterval == null) {
      throw new IllegalStateException("a picture before its configuration");
    }
    QualityProbe probe = quality;
    if (probe != null) {
      crf = probe.crf();
    }
    EncoderSettings own = settings.withKeyInterval(keyInterval.assumedFrames());
    EncoderSettings configured = probe == null ? own : own.withCrf(crf);
    EncoderSettings wanted = configured.faster(Math.min(faster, mostFaster));
    var opened = EncoderThreads.watch(() -> encoders.open(wanted, account));
    if (probe != null
        && probe.hasMoved(crf)
        && format != null
        && !opened.value().format().equals(format)) {
      opened.value().close();
      probe.refuse();
      return open();
    }
    // Players would have to load another init segment, and stop where they cannot change to it.
    while (mostFaster > 0
        && format != null
        && !wanted.preset().equals(configured.preset())
        && !opened.value().format().equals(format)) {
      opened.value().close();
      mostFaster = Math.min(faster, mostFaster) - 1;
      EncoderSettings slower = configured.faster(mostFaster);
      opened = EncoderThreads.watch(() -> encoders.open(slower, account));
    }
    encoder = opened.value();
    String preset = configured.faster(Math.min(faster, mostFaster)).preset();
    meter.opened(opened.value().engine(), preset, opened.threads());
    TrackFormat.Video fresh = opened.value().format();
    if (!fresh.equals(format)) {
      format = fresh;
      sink.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, fresh));
    }
    return opened.value();
  }

  private void deliver(ByteBuf payload, long ptsTicks, long dtsTicks, boolean key) {
    // A new encoder starts its decoding times before its first picture, where the last one ended.
    lastDtsTicks = Math.max(dtsTicks, lastDtsTicks + 1);
    Inside picture = takeOut(ptsTicks);
    TrackEvent.Sample sample =
        new TrackEvent.Sample(
            TrackEvent.VIDEO_TRACK,
            lastDtsTicks,
            ptsTicks,
            picture.durationTicks,
            key,
            withCaptions(payload, picture.captions));
    Due next = boundaries.peekFirst();
    if (next != null && next.fromTicks <= ptsTicks) {
      if (!key) {
        sample.release();
        throw new CodecException("no key frame where one was asked for");
      }
      sendBoundaries(ptsTicks);
    }
    meter.delivered(sample.sizeBytes(), key);
    if (quality != null) {
      quality.packet(sample);
    }
    sink.accept(sample);
  }

  /** Takes the payload; returns what the caller owns. */
  private ByteBuf withCaptions(ByteBuf payload, byte @Nullable [] captions) {
    if (captions == null || format == null) {
      return payload;
    }
    return switch (format.codec()) {
      case H264 -> CaptionWriter.intoH264(payload, captions, ByteBufAllocator.DEFAULT);
      case AV1 -> CaptionWriter.intoAv1(payload, captions, ByteBufAllocator.DEFAULT);
      case HEVC -> CaptionWriter.intoHevc(payload, captions, ByteBufAllocator.DEFAULT);
      case VP9 -> payload; // it has no place for them
    };
  }

  private Inside takeOut(long ptsTicks) {
    for (Inside picture : inside) {
      if (picture.ptsTicks == ptsTicks) {
        inside.remove(picture);
        return picture;
      }
    }
    throw new CodecException("encoder delivered a picture that it was not given");
  }

  private void sendBoundaries(long upToTicks) {
    while (!boundaries.isEmpty() && boundaries.getFirst().fromTicks <= upToTicks) {
      sink.accept(boundaries.removeFirst().boundary);
    }
  }

  /**
   * Delivers what the encoder holds and closes it; the next picture at a boundary opens another.
   */
  private void finishEncoder() {
    VideoEncoder finishing = encoder;
    if (finishing != null) {
      meter.begin(nanoTime.getAsLong());
      finishing.drain(this::deliver);
      meter.drained(nanoTime.getAsLong());
      closeEncoder();
      if (!inside.isEmpty()) {
        throw new CodecException("encoder kept " + inside.size() + " pictures");
      }
    }
    sendBoundaries(Long.MAX_VALUE);
  }

  private void closeEncoder() {
    VideoEncoder closing = encoder;
    if (closing != null) {
      encoder = null;
      meter.closing(nanoTime.getAsLong());
      closing.close();
    }
  }

  /** Frees the encoder; what it holds is lost. */
  void abandon() {
    inside.clear();
    dropSample();
    closeEncoder();
  }
}
