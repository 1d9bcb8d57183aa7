package io.millrace.codec;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Synthesised source media, and the boundaries that a live stream would put into it. */
public final class Clips {
  public static final Instant EPOCH = Instant.parse("2026-11-21T01:02:03.250Z");

  private Clips() {}

  /** Small, 25 fps, 1 s GOPs, 2 B-frames, no audio. */
  public static TestSourceSettings small() {
    return TestSourceSettings.hd(EPOCH)
        .withSize(320, 180, 300_000)
        .withFrameRate(new Rational(25, 1), 25, false)
        .withAudio(0, 48_000);
  }

  public static RecordingSink record(TestSourceSettings settings, long durationMs) {
    RecordingSink sink = new RecordingSink();
    try (TestSource source = new TestSource(settings, sink)) {
      source.play(durationMs, TimeUnit.MILLISECONDS);
    }
    return sink;
  }

  /** As a live stream sends it: a boundary before every key frame, and the end. */
  public static List<TrackEvent> live(RecordingSink clip) {
    List<TrackEvent> events = new ArrayList<>();
    long sequence = 100;
    for (TrackEvent event : clip.events()) {
      if (event instanceof TrackEvent.Sample sample
          && sample.track() == TrackEvent.VIDEO_TRACK
          && sample.key()) {
        events.add(new TrackEvent.Boundary(sequence++, sample.ptsTicks(), EPOCH, false));
      }
      events.add(event);
    }
    events.add(new TrackEvent.End("clip is over"));
    return events;
  }

  /** The clip's video format with something changed. */
  public static TrackFormat.Video turned(TrackFormat.Video format, Rational aspect, int rotation) {
    return new TrackFormat.Video(
        format.codec(),
        format.codecs(),
        format.configuration(),
        format.width(),
        format.height(),
        aspect,
        format.frameRate(),
        format.colour(),
        rotation);
  }
}
