package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import java.util.ArrayDeque;

/**
 * Audio's timing. A segment starts with the first frame at or after its boundary's instant and is
 * timed by its own frames. Boundaries come ahead of the audio, so they wait until a frame reaches
 * them, or until the stream is {@link SegmentSettings#maxAudioLag} further and the audio has
 * plainly stopped.
 *
 * <p>A frame lasts until the next one starts, so jitter and small holes neither add up nor break
 * playback. After a hole of more than 100 ms the last frame keeps its own length and a new movie
 * fragment starts behind the hole: a player that reaches it skips it and stays in sync with the
 * video, where one long frame would pull audio and video apart.
 *
 * <p>A part has the frames that start before its line of the {@link PartGrid}, and is sealed with
 * the last of them: how long a frame lasts is known. The next frame then starts where this one
 * ended, whatever its own time says up to those 100 ms.
 */
final class AudioPackager extends TrackPackager {
  /** A tenth of a second. */
  private static final int MAX_STRETCH_DIVISOR = 10;

  private static final int MAX_WAITING = 256;

  private final ArrayDeque<Boundary> waiting = new ArrayDeque<>();
  private final long maxLagTicks;

  AudioPackager(SegmentSettings settings, long declaredBitrateBps, SegmentListener listener) {
    super(settings, declaredBitrateBps, listener);
    this.maxLagTicks = SegmentSettings.ticks(settings.maxAudioLag(), Timescale.VIDEO);
  }

  @Override
  boolean carries(TrackFormat format) {
    return format instanceof TrackFormat.Audio;
  }

  @Override
  boolean carries(Sample sample) {
    return !TrackEvent.isVideo(sample.track());
  }

  @Override
  void arrive(Boundary boundary) {
    waiting.addLast(boundary);
    if (open == null) {
      advanceTo(waiting.removeFirst());
    }
    long reachedTicks = boundary.startTicks();
    for (Boundary next = waiting.peekFirst();
        next != null
            && (waiting.size() > MAX_WAITING || reachedTicks - next.startTicks() >= maxLagTicks);
        next = waiting.peekFirst()) {
      advanceTo(waiting.removeFirst());
    }
  }

  @Override
  void take(Sample sample, InitSegment init) {
    long startTicks = sample.ptsTicks();
    for (Boundary next = waiting.peekFirst();
        next != null && startTicks >= startTicks(next, init);
        next = waiting.peekFirst()) {
      waiting.removeFirst();
      advance(next, endBefore(startTicks, init));
    }
    Boundary opening = open;
    if (opening == null || spoiled) {
      drop(sample);
      return;
    }
    SegmentBuilder target = segment;
    if (target == null) {
      if (startTicks < startTicks(opening, init)) {
        drop(sample); // of an interval that was closed without it
        return;
      }
      long joinedTicks = joined(continued(opening, init, startTicks), startTicks, init);
      target = begin(opening, init, joinedTicks, joinedTicks);
    } else if (!target.init().is(init) || startTicks <= target.lastDecodeTicks()) {
      drop(sample);
      return;
    } else {
      leaveHole(target, startTicks, init);
    }
    add(target, sample, target.decodeTicks(startTicks));
    if (target == segment) {
      cut(target);
    }
  }

  /** Where a frame begins that follows on what ended at {@code endTicks}. */
  private static long joined(long endTicks, long startTicks, InitSegment init) {
    return startTicks - endTicks > maxStretchTicks(init) ? startTicks : endTicks;
  }

  private void leaveHole(SegmentBuilder target, long startTicks, InitSegment init) {
    if (startTicks - naturalEndTicks(target) > maxStretchTicks(init)) {
      if (!target.isPartEmpty()) {
        target.sealPart(naturalEndTicks(target));
      }
      target.resumeAt(startTicks);
    }
  }

  /** Ends the part with the last frame that starts before its line. */
  private static void cut(SegmentBuilder target) {
    long endTicks = naturalEndTicks(target);
    if (endTicks >= target.lineTicks()) {
      target.sealPart(Math.min(endTicks, target.partStartTicks() + longestPartTicks(target)));
    }
  }

  private static long longestPartTicks(SegmentBuilder target) {
    TrackFormat.Audio audio = (TrackFormat.Audio) target.init().format();
    return target.grid().longestTicks(audio.samplesPerFrame());
  }

  @Override
  void finish() {
    for (Boundary next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
      advanceTo(next);
    }
    if (segment != null) {
      seal(naturalEndTicks(segment));
    }
  }

  @Override
  public void discard() {
    waiting.clear();
    super.discard();
  }

  private void advanceTo(Boundary next) {
    advance(next, segment == null ? 0 : naturalEndTicks(segment));
  }

  /** Where the last frame ends, given the start of the next one and its format. */
  private long endBefore(long nextStartTicks, InitSegment nextInit) {
    SegmentBuilder ending = segment;
    if (ending == null) {
      return nextStartTicks;
    }
    long natural = naturalEndTicks(ending);
    if (!ending.init().is(nextInit) || ending.isPartEmpty()) {
      return natural;
    }
    return nextStartTicks > natural + maxStretchTicks(nextInit) ? natural : nextStartTicks;
  }

  private static long maxStretchTicks(InitSegment init) {
    return init.timescale().ticksPerSecond() / MAX_STRETCH_DIVISOR;
  }

  private static long naturalEndTicks(SegmentBuilder ending) {
    if (ending.isPartEmpty()) {
      return ending.sealedEndTicks();
    }
    TrackFormat.Audio audio = (TrackFormat.Audio) ending.init().format();
    long ticks = ending.nominalTicks() > 0 ? ending.nominalTicks() : audio.samplesPerFrame();
    return ending.lastDecodeTicks() + Math.max(1, ticks);
  }

  private static long startTicks(Boundary boundary, InitSegment init) {
    return Timescale.VIDEO.rescale(boundary.startTicks(), init.timescale());
  }
}
