package io.millrace.server.ingest;

import io.millrace.media.Colour;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.media.flv.ColourInfo;
import io.millrace.media.flv.VideoTag;
import io.millrace.media.timeline.Timeline;
import io.millrace.media.timeline.VideoStamp;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One video track of a session: its tags into {@link Format} and {@link Sample}.
 *
 * <p>A format is what the codec's headers say, with the frame rate of onMetaData where they give
 * none, and with the colour of {@code colorInfo} laid over. It is announced when it differs from
 * the last one, at the record or key frame that changes it.
 */
final class VideoIngest {
  private final int track;
  private final Timeline timeline;
  private final TrackSink sink;
  private @Nullable Rational metadataRate;
  private Map<?, ?> colourInfo = Map.of();
  private @Nullable VideoCodec codec;
  private byte @Nullable [] record;
  private @Nullable VideoSyntax syntax;
  private TrackFormat.@Nullable Video coded;
  private TrackFormat.@Nullable Video announced;
  private long frameTicks;

  /**
   * @param track as in {@link TrackEvent#videoTrack}
   */
  VideoIngest(int track, Timeline timeline, TrackSink sink) {
    this.track = track;
    this.timeline = timeline;
    this.sink = sink;
  }

  /** The frame rate that onMetaData says, from the next format on. */
  void metadataRate(@Nullable Rational rate) {
    metadataRate = rate;
  }

  /**
   * @throws MediaFormatException malformed or unsupported
   */
  void configure(VideoTag.SequenceStart start) {
    if (start.codec() == codec && Arrays.equals(start.configuration(), record)) {
      return;
    }
    codec = start.codec();
    record = start.configuration();
    VideoSyntax configured = VideoSyntax.of(start.codec(), start.configuration());
    syntax = configured;
    announce(configured.format());
  }

  /**
   * @param info {@code colorInfo}; holds until the next
   */
  void colourInfo(Map<?, ?> info) {
    colourInfo = info;
    announce(coded);
  }

  private void announce(TrackFormat.@Nullable Video format) {
    coded = format;
    if (format == null) {
      return;
    }
    Rational rate = format.frameRate() != null ? format.frameRate() : metadataRate;
    Colour colour =
        colourInfo.isEmpty() ? format.colour() : ColourInfo.apply(colourInfo, format.colour());
    TrackFormat.Video complete = VideoFormats.with(format, rate, colour);
    if (complete.equals(announced)) {
      return;
    }
    announced = complete;
    timeline.frameRate(track, rate);
    frameTicks =
        rate == null
            ? 0
            : Timescale.scale(
                Timescale.VIDEO.ticksPerSecond(), rate.denominator(), rate.numerator());
    sink.accept(new Format(track, complete));
  }

  /**
   * Borrows the payload.
   *
   * @throws MediaFormatException malformed
   */
  void frame(long timestampMs, VideoTag.CodedFrames frames) {
    ByteBuf frame = frames.payload();
    if (!frame.isReadable()) {
      return;
    }
    VideoSyntax known = syntax;
    if (known == null) {
      throw MediaFormatException.malformed("video data before the decoder configuration");
    }
    if (frames.codec() != codec) {
      throw MediaFormatException.malformed(
          frames.codec() + " data after a configuration of " + codec);
    }
    boolean key = known.isKey(frame, frames.key());
    if (key) {
      TrackFormat.Video format = known.formatAt(frame);
      if (format != coded) {
        announce(format);
      }
    }
    if (announced == null) {
      return; // only a key frame says what this is
    }
    ByteBuf payload = known.payload(frame, key);
    if (!payload.isReadable()) {
      payload.release(); // nothing but delimiters and padding
      return;
    }
    VideoStamp stamp =
        timeline.video(
            track, timestampMs, frames.compositionOffsetMs(), frames.timestampOffsetNanos());
    sink.accept(new Sample(track, stamp.dtsTicks(), stamp.ptsTicks(), frameTicks, key, payload));
  }
}
