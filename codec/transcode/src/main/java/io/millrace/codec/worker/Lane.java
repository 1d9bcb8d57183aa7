package io.millrace.codec.worker;

import io.millrace.codec.ladder.LadderEngine;
import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.opus.OpusConfiguration;
import io.millrace.media.vp9.Vp9Configuration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one rung: what its rendition gets, whatever becomes of the workers that make
 * it.
 *
 * <p>Boundaries, discontinuities and ends of the source reach the rendition all, once and in order,
 * and they are the server's own: a worker only says when its rung has come to the next of them.
 * What a worker owes when it ends is delivered then, and as long as there is none each of them
 * passes straight through; so a rendition without a worker has intervals without samples, which are
 * holes, and its sequence numbers go on.
 *
 * <p>Nothing that a worker says is believed: an event that no ladder could have made is a {@link
 * WireException}, with which the worker ends.
 *
 * <p>Guarded by its owner; sinks are called with the owner's lock held.
 */
public final class Lane {
  /** A hole in the stream is tiled with boundaries: a bound on memory, and on patience. */
  private static final int MAX_OWED = 16_384;

  /** Far more than an encoder holds, a rung waits or a clock is off. */
  private static final long SLACK_SECONDS = 30;

  /** Pictures or frames of sound from boundary to boundary. */
  private static final int MAX_SAMPLES = 20_000;

  private static final int MAX_COMPOSITION_SECONDS = 10;

  private final String name;
  private final TrackSink sink;

  /** Any of them: the last ladder's, and those of before; empty where it is sound. */
  private final EnumSet<VideoCodec> codecs = EnumSet.noneOf(VideoCodec.class);

  private final ArrayDeque<TrackEvent> owed = new ArrayDeque<>();
  private @Nullable TrackFormat format;
  private @Nullable Boundary open;
  private long lastDtsTicks = Long.MIN_VALUE;
  private long newestSourceTicks = Long.MIN_VALUE;
  private int samples;
  private boolean begun;
  private boolean left;
  private boolean failed;
  private boolean shut;

  /**
   * @param codec what a video rung is encoded in; null for sound, which is AAC or Opus
   */
  public Lane(String name, @Nullable VideoCodec codec, TrackSink sink) {
    this.name = name;
    this.sink = sink;
    if (codec != null) {
      codecs.add(codec);
    }
  }

  /** A video rung that is encoded otherwise from a boundary on. */
  public void encodes(VideoCodec other) {
    codecs.add(other);
  }

  public String name() {
    return name;
  }

  /** Nothing more comes of it, from no worker. */
  public boolean hasFailed() {
    return failed;
  }

  /** True for the sound. */
  public boolean isSound() {
    return codecs.isEmpty();
  }

  /** The rung has been taken out of the ladder, and the rendition knows that. */
  public boolean hasLeft() {
    return left;
  }

  /** A worker is given {@code control}, and owes it from now on. */
  public void expect(TrackEvent control) throws WireException {
    if (failed || shut) {
      return;
    }
    if (owed.size() >= MAX_OWED) {
      throw new WireException("rung " + name + " has not moved for too many segments");
    }
    owed.add(control);
  }

  /** The source has come so far, in {@link Timescale#VIDEO}. */
  public void reached(long sourceTicks) {
    newestSourceTicks = Math.max(newestSourceTicks, sourceTicks);
  }

  /** There is no worker: straight to the rendition. */
  public void pass(TrackEvent control) {
    samples = 0;
    if (control instanceof Boundary boundary) {
      open = boundary;
    } else if (control instanceof Discontinuity) {
      lastDtsTicks = Long.MIN_VALUE;
    }
    deliver(control);
  }

  /**
   * The worker has ended: the segment that it was in ends where its media does, what it owes comes
   * now, and the next worker starts at a boundary.
   */
  public void lost() {
    if (begun && samples > 0) {
      deliver(new End("the rung is interrupted"));
    }
    begun = false;
    for (TrackEvent left = owed.pollFirst(); left != null; left = owed.pollFirst()) {
      pass(left);
    }
  }

  /** The rung has ended for good. */
  public void fail() {
    failed = true;
    owed.clear();
  }

  /** The rendition hears no more. */
  public void shut() {
    shut = true;
    owed.clear();
  }

  private void deliver(TrackEvent event) {
    left |= event == LadderEngine.LEFT;
    if (shut || failed) {
      event.release();
    } else {
      sink.accept(event);
    }
  }

  /**
   * Takes what a worker has made.
   *
   * @throws WireException for what no ladder makes of this source
   */
  public void take(TrackEvent event) throws WireException {
    if (failed || shut || left) {
      event.release();
      return;
    }
    switch (event) {
      case Sample sample -> {
        boolean given = false;
        try {
          given = sample(sample);
        } finally {
          if (!given) {
            sample.release();
          }
        }
      }
      case Format made -> format(made.format());
      case Boundary boundary -> {
        if (!(owed.peekFirst() instanceof Boundary next)
            || next.sequence() != boundary.sequence()) {
          throw new WireException(name + ": boundary " + boundary.sequence() + " is not the next");
        }
        owed.removeFirst();
        begun = true;
        pass(next);
      }
      case Discontinuity _ -> {
        if (!(owed.pollFirst() instanceof Discontinuity next)) {
          throw new WireException(name + ": a discontinuity that the source has not");
        }
        pass(next);
      }
      case End end -> {
        if (owed.peekFirst() instanceof End next) {
          owed.removeFirst();
          pass(next);
        } else {
          deliver(end); // the source cannot be decoded, or the rung has failed
        }
      }
      case TrackEvent.Cue _ -> throw new WireException(name + ": a cue");
    }
  }

  private void format(TrackFormat made) throws WireException {
    try {
      switch (made) {
        case TrackFormat.Video video when codecs.contains(video.codec()) -> check(video);
        case TrackFormat.Audio audio when isSound() && audio.codec() == AudioCodec.AAC -> {
          FormatSyntax.within("channels", audio.channels(), 1, 2);
        }
        case TrackFormat.Audio audio when isSound() && audio.codec() == AudioCodec.OPUS -> {
          FormatSyntax.within("channels", audio.channels(), 1, 2);
          var unused = OpusConfiguration.parse(audio.configuration());
        }
        case TrackFormat.Video _, TrackFormat.Audio _, TrackFormat.Text _ ->
            throw new WireException(name + ": not the rung's codec");
      }
    } catch (MediaFormatException e) {
      throw new WireException(name + ": " + e.getMessage());
    }
    if (!made.equals(format)) {
      format = made;
      deliver(new Format(track(), made));
    }
  }

  /**
   * @throws MediaFormatException for a record that is none
   */
  private static void check(TrackFormat.Video video) throws WireException {
    switch (video.codec()) {
      case H264 -> {
        var unused = AvcConfiguration.parse(video.configuration());
      }
      case AV1 -> {
        var unused = Av1Configuration.parse(video.configuration());
      }
      case HEVC -> {
        var unused = HevcConfiguration.parse(video.configuration());
      }
      case VP9 -> {
        var unused = Vp9Configuration.parse(video.configuration());
      }
    }
  }

  private int track() {
    return isSound() ? TrackEvent.AUDIO_TRACK : TrackEvent.VIDEO_TRACK;
  }

  /** False where the sample has not been given away. */
  private boolean sample(Sample sample) throws WireException {
    TrackFormat current = format;
    Boundary boundary = open;
    if (sample.track() != track() || current == null) {
      throw new WireException(name + ": an access unit of no track");
    }
    if (!begun || boundary == null) {
      return false; // of an interval that another worker had begun
    }
    Timescale timescale = current.timescale();
    checkTimes(sample, boundary, timescale);
    if (++samples > MAX_SAMPLES) {
      throw new WireException(name + ": too many access units for one segment");
    }
    if (sample.dtsTicks() > lastDtsTicks) {
      lastDtsTicks = sample.dtsTicks();
      deliver(sample);
      return true;
    }
    if (isSound()) {
      return false; // sound that has been there
    }
    // A new worker's encoder starts its decoding times before its first picture, where the last
    // one's ended.
    lastDtsTicks++;
    deliver(
        new Sample(
            sample.track(),
            lastDtsTicks,
            sample.ptsTicks(),
            sample.durationTicks(),
            sample.key(),
            sample.payload()));
    return true;
  }

  private void checkTimes(Sample sample, Boundary boundary, Timescale timescale)
      throws WireException {
    long second = timescale.ticksPerSecond();
    long leastTicks = Timescale.VIDEO.rescale(boundary.startTicks(), timescale);
    long mostTicks =
        Math.max(leastTicks, Timescale.VIDEO.rescale(Math.max(0, newestSourceTicks), timescale));
    boolean near =
        sample.ptsTicks() >= leastTicks - SLACK_SECONDS * second
            && sample.ptsTicks() <= mostTicks + SLACK_SECONDS * second
            && sample.dtsTicks() >= sample.ptsTicks() - MAX_COMPOSITION_SECONDS * second
            && sample.dtsTicks() <= sample.ptsTicks() + MAX_COMPOSITION_SECONDS * second;
    if (!near) {
      throw new WireException(
          name
              + ": an access unit at "
              + sample.ptsTicks()
              + " ("
              + sample.dtsTicks()
              + ") in the segment from "
              + leastTicks);
    }
    if (sample.durationTicks() < 0 || sample.durationTicks() > SLACK_SECONDS * second) {
      throw new WireException(name + ": an access unit that lasts " + sample.durationTicks());
    }
  }
}
