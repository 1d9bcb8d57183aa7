package io.millrace.loadtest.bench;

import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.FlvClip.Kind;
import io.millrace.loadtest.publish.FlvClip.Tag;
import io.millrace.loadtest.publish.FlvReader;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.flv.VideoTag;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.timeline.Timeline;
import io.millrace.media.timeline.VideoStamp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The video of a clip as a live stream has it: on exact ticks, a segment at each key frame. */
public final class ClipVideo {
  private static final int RTMP_TIMESTAMP_BITS = 32;

  private final Supplier<Stream<Tag>> source;

  private ClipVideo(Supplier<Stream<Tag>> source) {
    this.source = source;
  }

  /** Of a clip in memory, which is not copied. */
  public ClipVideo(FlvClip clip) {
    this(clip.tags()::stream);
  }

  /** Of an FLV file, read anew each time, a tag at a time; {@link UncheckedIOException} then. */
  public static ClipVideo streamed(Path file) {
    return new ClipVideo(() -> tags(file));
  }

  private static Stream<Tag> tags(Path file) {
    try {
      return FlvReader.open(file).tags();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The format that the clip starts with.
   *
   * @throws IllegalArgumentException when it has neither H.264 nor HEVC
   */
  public TrackFormat.Video format() {
    try (Stream<Tag> tags = source.get()) {
      for (Tag tag : (Iterable<Tag>) tags::iterator) {
        if (tag.kind() == Kind.VIDEO
            && VideoTag.parse(tag.body()) instanceof VideoTag.SequenceStart header) {
          byte[] configuration = header.configuration();
          switch (header.codec()) {
            case H264 -> {
              return AvcConfiguration.parse(configuration).toFormat();
            }
            case HEVC -> {
              return HevcConfiguration.parse(configuration).toFormat();
            }
            default -> {}
          }
        }
      }
    }
    throw new IllegalArgumentException("neither H.264 nor HEVC in this clip");
  }

  /** Sends Format, Boundary, Samples, …, and End to {@code sink}, as fast as it takes them. */
  public void feed(TrackSink sink) {
    Timeline timeline = new Timeline(Timescale.MILLIS, RTMP_TIMESTAMP_BITS, 0);
    TrackFormat.Video format = format();
    timeline.frameRate(TrackEvent.VIDEO_TRACK, format.frameRate());
    sink.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, format));
    long sequence = 0;
    try (Stream<Tag> tags = source.get()) {
      for (Tag tag : (Iterable<Tag>) tags::iterator) {
        if (tag.kind() == Kind.VIDEO
            && VideoTag.parse(tag.body()) instanceof VideoTag.CodedFrames frames) {
          VideoStamp stamp =
              timeline.video(
                  TrackEvent.VIDEO_TRACK, tag.timestampMs(), frames.compositionOffsetMs());
          if (frames.key()) {
            sink.accept(
                new TrackEvent.Boundary(sequence++, stamp.ptsTicks(), Instant.EPOCH, false));
          }
          sink.accept(
              new TrackEvent.Sample(
                  TrackEvent.VIDEO_TRACK,
                  stamp.dtsTicks(),
                  stamp.ptsTicks(),
                  0,
                  frames.key(),
                  frames.payload().retain()));
        }
      }
    }
    sink.accept(new TrackEvent.End("end of clip"));
  }
}
