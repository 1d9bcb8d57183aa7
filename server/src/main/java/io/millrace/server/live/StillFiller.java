package io.millrace.server.live;

import io.millrace.codec.slate.Silence;
import io.millrace.codec.slate.Still;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Repeats stills and silence from where the source's tracks have ended. Video tracks go on together
 * where the main one ends, so that their key frames stay aligned; each sound where it ends itself.
 * Confined to the stream's event loop.
 */
final class StillFiller implements Filler {
  /**
   * What one video track shows.
   *
   * @param first from the beginning
   * @param then after the hold; may be the same
   */
  record Pictures(Still first, Still then) {}

  /** One track's endless repetition. */
  private interface Line {
    /** Presentation time of the next sample, in video ticks. */
    long nextTicks();

    Sample next();
  }

  private final SortedMap<Integer, Pictures> pictures;
  private final SortedMap<Integer, Silence> silences;
  private final long startTicks;
  private final long thenTicks;
  private final List<Line> sounds = new ArrayList<>();
  private List<Line> videos = List.of();
  private boolean begun;
  private boolean changed;

  /**
   * @param pictures by track; not empty
   * @param silences by track
   * @param holdTicks how long the first pictures stand, to the next whole repetition
   */
  StillFiller(
      SortedMap<Integer, Pictures> pictures,
      SortedMap<Integer, Silence> silences,
      long holdTicks,
      FillerSource.EndOfTrack ends) {
    this.pictures = pictures;
    this.silences = silences;
    this.startTicks = ends.ofTrack(TrackEvent.VIDEO_TRACK);
    Still main = mainPictures().first();
    long gopTicks = main.ptsTicks(0, main.gopFrames());
    long gops = holdTicks == Long.MAX_VALUE ? -1 : (holdTicks + gopTicks - 1) / gopTicks;
    this.thenTicks = gops < 0 ? Long.MAX_VALUE : main.ptsTicks(startTicks, gops * main.gopFrames());
    silences.forEach((track, silence) -> sounds.add(sound(track, silence, ends.ofTrack(track))));
  }

  private Pictures mainPictures() {
    Pictures main = pictures.get(TrackEvent.VIDEO_TRACK);
    if (main == null) {
      throw new IllegalArgumentException("no main video");
    }
    return main;
  }

  @Override
  public void advanceTo(long presentTicks, TrackSink sink) {
    if (!begun) {
      begun = true;
      silences.forEach((track, silence) -> sink.accept(new Format(track, silence.format())));
      show(thenTicks <= startTicks, startTicks, sink);
    }
    if (!changed && presentTicks >= thenTicks) {
      sendUpTo(thenTicks, sink);
      show(true, thenTicks, sink);
    }
    sendUpTo(presentTicks, sink);
  }

  private void show(boolean then, long fromTicks, TrackSink sink) {
    changed |= then;
    List<Line> lines = new ArrayList<>();
    pictures.forEach(
        (track, shown) -> {
          Still still = then ? shown.then() : shown.first();
          sink.accept(new Format(track, still.format()));
          lines.add(video(track, still, fromTicks));
        });
    videos = lines;
  }

  private void sendUpTo(long ticks, TrackSink sink) {
    for (Line line = earliest(); line.nextTicks() < ticks; line = earliest()) {
      sink.accept(line.next());
    }
  }

  private Line earliest() {
    Line earliest = videos.getFirst();
    for (Line line : videos) {
      if (line.nextTicks() < earliest.nextTicks()) {
        earliest = line;
      }
    }
    for (Line line : sounds) {
      if (line.nextTicks() < earliest.nextTicks()) {
        earliest = line;
      }
    }
    return earliest;
  }

  private static Line video(int number, Still still, long fromTicks) {
    return new Line() {
      private long index;

      @Override
      public long nextTicks() {
        return still.ptsTicks(fromTicks, index);
      }

      @Override
      public Sample next() {
        return still.sample(number, fromTicks, index++);
      }
    };
  }

  private static Line sound(int number, Silence silence, long fromTicks) {
    Timescale timescale = silence.format().timescale();
    long fromSamples = Timescale.VIDEO.rescale(fromTicks, timescale);
    return new Line() {
      private long index;

      @Override
      public long nextTicks() {
        return timescale.rescale(
            fromSamples + index * silence.format().samplesPerFrame(), Timescale.VIDEO);
      }

      @Override
      public Sample next() {
        return silence.sample(number, fromSamples, index++);
      }
    };
  }
}
