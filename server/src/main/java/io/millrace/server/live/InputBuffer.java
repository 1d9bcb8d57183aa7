package io.millrace.server.live;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What an input that is off air needs to go on air at once: everything since its newest key frame.
 * Without video, its newest sound. Bounded in bytes and in time: a group of pictures that outgrows
 * it is dropped, and the next key frame starts again.
 *
 * <p>Owns the samples that it holds. Not thread-safe.
 */
final class InputBuffer {
  private static final long MAX_BYTES = 24L << 20;

  /** 15 s. */
  private static final long MAX_SPAN_TICKS = 15L * Timescale.VIDEO.ticksPerSecond();

  /** 0.5 s. */
  private static final long SOUND_ALONE_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;

  private record Held(Sample sample, long ptsTicks) {}

  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private @Nullable Held key;
  private long bytes;

  /**
   * Takes a sample over.
   *
   * @param formats of the input's tracks
   * @param fromTheFirst keep everything since the first key frame, or the first sound: the stream
   *     begins with it in a moment
   */
  void add(Sample sample, SortedMap<Integer, TrackFormat> formats, boolean fromTheFirst) {
    TrackFormat format = formats.get(sample.track());
    if (format == null) {
      sample.release();
      return;
    }
    Held added = new Held(sample, format.timescale().rescale(sample.ptsTicks(), Timescale.VIDEO));
    boolean soundAlone = !formats.containsKey(TrackEvent.VIDEO_TRACK);
    if (sample.track() == TrackEvent.VIDEO_TRACK) {
      if (sample.key() && !(fromTheFirst && key != null)) {
        startAt(added);
      } else if (key == null) {
        sample.release();
        return;
      }
    } else if (soundAlone && !fromTheFirst) {
      dropBefore(added.ptsTicks - SOUND_ALONE_TICKS);
    } else if (key == null && !soundAlone) {
      dropBefore(added.ptsTicks - SOUND_ALONE_TICKS);
    }
    held.addLast(added);
    bytes += sample.sizeBytes();
    Held first = key;
    if (bytes > MAX_BYTES || (first != null && added.ptsTicks - first.ptsTicks > MAX_SPAN_TICKS)) {
      clear();
    }
  }

  /** A key frame of the main video: what is before it is of no use, sound from there on is. */
  private void startAt(Held added) {
    for (Iterator<Held> all = held.iterator(); all.hasNext(); ) {
      Held old = all.next();
      if (old.sample.track() == TrackEvent.VIDEO_TRACK || old.ptsTicks < added.ptsTicks) {
        bytes -= old.sample.sizeBytes();
        old.sample.release();
        all.remove();
      }
    }
    key = added;
  }

  private void dropBefore(long ticks) {
    for (Held first = held.peekFirst();
        first != null && first.ptsTicks < ticks;
        first = held.peekFirst()) {
      held.removeFirst();
      bytes -= first.sample.sizeBytes();
      first.sample.release();
    }
  }

  /**
   * Presentation time of what it starts with, in video ticks of the session; null when there is
   * nothing to start with.
   *
   * @param formats of the input's tracks
   */
  @Nullable Long startTicks(SortedMap<Integer, TrackFormat> formats) {
    Held first = key;
    if (first == null && !formats.containsKey(TrackEvent.VIDEO_TRACK)) {
      first = held.peekFirst();
    }
    return first == null ? null : first.ptsTicks;
  }

  /** Gives everything away, in the order in which it came. */
  List<Sample> takeAll() {
    List<Sample> samples = new ArrayList<>(held.size());
    held.forEach(one -> samples.add(one.sample));
    forget();
    return samples;
  }

  void clear() {
    held.forEach(one -> one.sample.release());
    forget();
  }

  private void forget() {
    held.clear();
    key = null;
    bytes = 0;
  }
}
