package io.millrace.loadtest.publish;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.publish.FlvClip.Kind;
import io.millrace.loadtest.publish.FlvClip.Tag;
import io.millrace.media.AudioCodec;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.VideoTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A clip of the built-in test picture and tone, for load without any file. */
public final class TestClip {
  private final List<Tag> tags = new ArrayList<>();
  private Timescale audioTimescale = Timescale.MILLIS;

  private TestClip() {}

  /** Encodes {@code duration} of a test source; takes about half that time. */
  public static FlvClip make(TestSourceSettings settings, Duration duration) {
    TestClip clip = new TestClip();
    try (TestSource source = new TestSource(settings, clip::take)) {
      source.advanceTo(duration.toNanos());
      source.finish();
    }
    return new FlvClip(clip.tags, duration.toMillis());
  }

  private void take(TrackEvent event) {
    switch (event) {
      case TrackEvent.Format(_, TrackFormat.Video format) ->
          video(0, new VideoTag.SequenceStart(VideoCodec.H264, format.configuration()));
      case TrackEvent.Format(_, TrackFormat.Audio format) -> {
        audioTimescale = format.timescale();
        audio(0, new AudioTag.SequenceStart(AudioCodec.AAC, format.configuration()));
      }
      case TrackEvent.Sample sample -> {
        sample(sample);
        sample.release();
      }
      case TrackEvent.Format(_, TrackFormat.Text _) -> {}
      case TrackEvent.Boundary _,
          TrackEvent.Discontinuity _,
          TrackEvent.Cue _,
          TrackEvent.End _ -> {}
    }
  }

  private void sample(TrackEvent.Sample sample) {
    if (sample.track() != TrackEvent.VIDEO_TRACK) {
      long timeMs = audioTimescale.rescale(sample.ptsTicks(), Timescale.MILLIS);
      audio(timeMs, new AudioTag.CodedFrames(AudioCodec.AAC, sample.payload()));
      return;
    }
    long decodingMs = Timescale.VIDEO.rescale(sample.dtsTicks(), Timescale.MILLIS);
    long shownMs = Timescale.VIDEO.rescale(sample.ptsTicks(), Timescale.MILLIS);
    int offsetMs = (int) (shownMs - decodingMs);
    video(
        decodingMs,
        new VideoTag.CodedFrames(VideoCodec.H264, sample.key(), offsetMs, sample.payload()));
  }

  private void video(long timeMs, VideoTag tag) {
    ByteBuf body = Unpooled.buffer();
    tag.write(body);
    tags.add(new Tag(Kind.VIDEO, timeMs, body.asReadOnly()));
  }

  private void audio(long timeMs, AudioTag tag) {
    ByteBuf body = Unpooled.buffer();
    tag.write(body);
    tags.add(new Tag(Kind.AUDIO, timeMs, body.asReadOnly()));
  }
}
