package io.millrace.media.timeline;

import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;

/**
 * A sender for tests: pictures and sound with known true times, stamped on a wire clock that
 * rounds, starts anywhere, wraps and jumps.
 */
final class Source {
  /** True times of what is sent, in seconds since the sender's zero; of one track. */
  record Unit(int track, double dtsSeconds, double ptsSeconds, int sampleRate, int samples) {
    boolean video() {
      return TrackEvent.isVideo(track);
    }
  }

  /** One call into the timeline, and what is true of it. */
  record Input(Unit unit, long wireDts, long compositionOffset) {}

  private final List<Unit> units = new ArrayList<>();
  private int videoTrack = TrackEvent.VIDEO_TRACK;
  private int audioTrack = TrackEvent.AUDIO_TRACK;
  private int wirePerSecond = 1000;
  private int wireBits = 32;
  private long startWire;
  private boolean floor = true;
  private DoubleUnaryOperator clock = seconds -> seconds;
  private double lateAudioFrom = Double.MAX_VALUE;
  private double lateAudioSeconds;

  Source wire(int perSecond, int bits) {
    wirePerSecond = perSecond;
    wireBits = bits;
    return this;
  }

  /** What is added after this belongs to the video and the audio track of this index. */
  Source track(int index) {
    videoTrack = TrackEvent.videoTrack(index);
    audioTrack = TrackEvent.audioTrack(index);
    return this;
  }

  /** What the wire's clock shows at the sender's zero. */
  Source startingAt(long wire) {
    startWire = wire;
    return this;
  }

  Source roundingToNearest() {
    floor = false;
    return this;
  }

  /** What the sender's clock says, in seconds, at a true time. */
  Source clock(DoubleUnaryOperator reads) {
    clock = reads;
    return this;
  }

  /** Frames without reordering. */
  Source video(Rational rate, double fromSeconds, double toSeconds) {
    double step = 1 / rate.toDouble();
    for (int n = 0; fromSeconds + n * step < toSeconds; n++) {
      double time = fromSeconds + n * step;
      units.add(new Unit(videoTrack, time, time, 0, 0));
    }
    return this;
  }

  /** Frames in the pattern I P B B P B B, presentation one frame late. */
  Source videoWithBFrames(Rational rate, double fromSeconds, double toSeconds) {
    double step = 1 / rate.toDouble();
    for (int n = 0; fromSeconds + n * step < toSeconds; n++) {
      int offset = n == 0 ? 1 : n % 3 == 1 ? 3 : 0;
      double time = fromSeconds + n * step;
      units.add(new Unit(videoTrack, time, fromSeconds + (n + offset) * step, 0, 0));
    }
    return this;
  }

  /** Frames in the pattern I P B b b …: a pyramid of four, presentation two frames late. */
  Source videoWithPyramid(Rational rate, double fromSeconds, double toSeconds) {
    int[] offsets = {2, 5, 2, 0, 1}; // I0 P4 B2 b1 b3, then P8 B6 b5 b7 …
    double step = 1 / rate.toDouble();
    for (int n = 0; fromSeconds + n * step < toSeconds; n++) {
      int offset = n == 0 ? offsets[0] : offsets[1 + (n - 1) % 4];
      double time = fromSeconds + n * step;
      units.add(new Unit(videoTrack, time, fromSeconds + (n + offset) * step, 0, 0));
    }
    return this;
  }

  /** Frames that say they are shown {@code seconds} before they are decoded. */
  Source videoShownEarly(Rational rate, double seconds, double fromSeconds, double toSeconds) {
    double step = 1 / rate.toDouble();
    for (int n = 0; fromSeconds + n * step < toSeconds; n++) {
      double time = fromSeconds + n * step;
      units.add(new Unit(videoTrack, time, time - seconds, 0, 0));
    }
    return this;
  }

  /** Frames at given times. */
  Source frames(double... seconds) {
    for (double time : seconds) {
      units.add(new Unit(videoTrack, time, time, 0, 0));
    }
    return this;
  }

  Source audio(int sampleRate, int samples, double fromSeconds, double toSeconds) {
    for (long n = 0; ; n++) {
      double time = fromSeconds + (double) (n * samples) / sampleRate;
      if (time >= toSeconds) {
        return this;
      }
      units.add(new Unit(audioTrack, time, time, sampleRate, samples));
    }
  }

  /** Frames added after this are stamped {@code seconds} too early. */
  Source backwards(double seconds) {
    DoubleUnaryOperator before = clock;
    double from = units.getLast().dtsSeconds;
    clock = time -> before.applyAsDouble(time) - (time > from ? seconds : 0);
    return this;
  }

  /** Audio from {@code fromSeconds} on arrives {@code delaySeconds} late, behind later video. */
  Source lateAudio(double fromSeconds, double delaySeconds) {
    lateAudioFrom = fromSeconds;
    lateAudioSeconds = delaySeconds;
    return this;
  }

  /** Leaves out the units that {@code lost} names. */
  Source without(Predicate<Unit> lost) {
    units.removeIf(lost);
    return this;
  }

  /** What arrives: in order of true decoding time, on the wire's clock. */
  List<Input> inputs() {
    List<Unit> ordered = new ArrayList<>(units);
    ordered.sort(Comparator.comparingDouble(this::arrival));
    List<Input> inputs = new ArrayList<>(ordered.size());
    for (Unit unit : ordered) {
      double skew = clock.applyAsDouble(unit.dtsSeconds) - unit.dtsSeconds;
      long dts = round((unit.dtsSeconds + skew) * wirePerSecond);
      long pts = round((unit.ptsSeconds + skew) * wirePerSecond);
      long mask = -1L >>> (64 - wireBits);
      inputs.add(new Input(unit, (dts + startWire) & mask, pts - dts));
    }
    return inputs;
  }

  private double arrival(Unit unit) {
    boolean late = !unit.video() && unit.dtsSeconds >= lateAudioFrom;
    return unit.dtsSeconds + (late ? lateAudioSeconds : 0);
  }

  /** Times that are whole on the wire stay so in spite of binary fractions. */
  private long round(double wire) {
    return floor ? (long) Math.floor(wire + 1e-6) : Math.round(wire);
  }
}
