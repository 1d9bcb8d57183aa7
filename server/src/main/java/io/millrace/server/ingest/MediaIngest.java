package io.millrace.server.ingest;

import io.millrace.media.AudioCodec;
import io.millrace.media.FrameRates;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.VideoTag;
import io.millrace.media.h264.AccessUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.timeline.Timeline;
import io.millrace.media.timeline.VideoStamp;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * FLV tag bodies of one publishing session into track events on the stream's clock.
 *
 * <p>A configuration record becomes a {@link Format} when it differs from the last one; a frame
 * becomes a {@link Sample} whose payload is the frame's bytes as they came, with its time from the
 * session's {@link Timeline}. Broken media is thrown as {@link MediaFormatException}: it ends this
 * session.
 *
 * <p>One instance a session, on the stream's event loop.
 */
final class MediaIngest {
  private static final int RTMP_TIMESTAMP_BITS = 32;

  private final Timeline timeline;
  private final TrackSink sink;
  private @Nullable Rational metadataRate;
  private TrackFormat.@Nullable Video video;
  private TrackFormat.@Nullable Audio audio;
  private byte @Nullable [] videoConfiguration;
  private int nalLengthSize;
  private long frameTicks;

  /**
   * @param originTicks where the first sample belongs, in video ticks since the stream's epoch
   * @param sink takes the events
   */
  MediaIngest(long originTicks, TrackSink sink) {
    this.timeline = new Timeline(Timescale.MILLIS, RTMP_TIMESTAMP_BITS, originTicks);
    this.sink = sink;
  }

  Timeline timeline() {
    return timeline;
  }

  void metadata(Map<String, Object> metadata) {
    if (metadata.get("framerate") instanceof Double framesPerSecond) {
      metadataRate = FrameRates.fromDecimal(framesPerSecond);
    }
  }

  /** Borrows {@code body}, an FLV VIDEODATA. */
  void video(long timestampMs, ByteBuf body) {
    switch (VideoTag.parse(body)) {
      case VideoTag.SequenceStart header -> configureVideo(header);
      case VideoTag.CodedFrames frames -> {
        if (frames.payload().isReadable()) {
          videoFrame(timestampMs, frames);
        }
      }
      case VideoTag.SequenceEnd _, VideoTag.Metadata _, VideoTag.Command _ -> {}
    }
  }

  private void configureVideo(VideoTag.SequenceStart header) {
    if (header.codec() != VideoCodec.H264) {
      throw MediaFormatException.unsupported("video codec " + header.codec());
    }
    if (Arrays.equals(header.configuration(), videoConfiguration)) {
      return;
    }
    AvcConfiguration configuration = AvcConfiguration.parse(header.configuration());
    TrackFormat.Video format = configuration.toFormat();
    Rational rate = format.frameRate() != null ? format.frameRate() : metadataRate;
    timeline.frameRate(TrackEvent.VIDEO_TRACK, rate);
    frameTicks =
        rate == null
            ? 0
            : Timescale.scale(
                Timescale.VIDEO.ticksPerSecond(), rate.denominator(), rate.numerator());
    videoConfiguration = header.configuration();
    nalLengthSize = configuration.lengthSize();
    announce(format, rate, format.rotation());
  }

  /** A display orientation message in a key frame turns the picture from there on. */
  private void turn(int rotation) {
    if (video != null && video.rotation() != rotation) {
      announce(video, video.frameRate(), rotation);
    }
  }

  private void announce(TrackFormat.Video format, @Nullable Rational rate, int rotation) {
    video =
        new TrackFormat.Video(
            format.codec(),
            format.codecs(),
            format.configuration(),
            format.width(),
            format.height(),
            format.sampleAspectRatio(),
            rate,
            format.colour(),
            rotation);
    sink.accept(new Format(TrackEvent.VIDEO_TRACK, video));
  }

  private void videoFrame(long timestampMs, VideoTag.CodedFrames frames) {
    if (video == null) {
      throw MediaFormatException.malformed("video data before the decoder configuration");
    }
    if (frames.codec() != VideoCodec.H264) {
      throw MediaFormatException.unsupported("video codec " + frames.codec());
    }
    boolean idr = AccessUnits.isIdr(frames.payload(), nalLengthSize);
    boolean key = frames.key() && idr;
    if (key) {
      turn(AccessUnits.displayRotation(frames.payload(), nalLengthSize).orElse(0));
    }
    VideoStamp stamp =
        timeline.video(TrackEvent.VIDEO_TRACK, timestampMs, frames.compositionOffsetMs());
    sink.accept(
        new Sample(
            TrackEvent.VIDEO_TRACK,
            stamp.dtsTicks(),
            stamp.ptsTicks(),
            frameTicks,
            key,
            frames.payload().retain()));
  }

  /** Borrows {@code body}, an FLV AUDIODATA. */
  void audio(long timestampMs, ByteBuf body) {
    switch (AudioTag.parse(body)) {
      case AudioTag.SequenceStart header -> configureAudio(header);
      case AudioTag.CodedFrames frames -> {
        if (frames.payload().isReadable()) {
          audioFrame(timestampMs, frames);
        }
      }
      case AudioTag.SequenceEnd _, AudioTag.MultichannelConfig _ -> {}
    }
  }

  private void configureAudio(AudioTag.SequenceStart header) {
    if (header.codec() != AudioCodec.AAC) {
      throw MediaFormatException.unsupported("audio codec " + header.codec());
    }
    if (header.configuration().length == 0) {
      // ffmpeg that copies from MPEG-TS knows the configuration only with the first frame: it sends
      // an empty header first and the real one before that frame.
      return;
    }
    TrackFormat.Audio format = AudioSpecificConfig.parse(header.configuration()).toFormat();
    if (!format.equals(audio)) {
      audio = format;
      sink.accept(new Format(TrackEvent.AUDIO_TRACK, format));
    }
  }

  private void audioFrame(long timestampMs, AudioTag.CodedFrames frames) {
    if (frames.codec() != AudioCodec.AAC) {
      throw MediaFormatException.unsupported("audio codec " + frames.codec());
    }
    if (audio == null) {
      throw MediaFormatException.malformed("audio data before the decoder configuration");
    }
    long ticks =
        timeline.audio(
            TrackEvent.AUDIO_TRACK, timestampMs, audio.sampleRate(), audio.samplesPerFrame());
    sink.accept(
        new Sample(
            TrackEvent.AUDIO_TRACK,
            ticks,
            ticks,
            audio.samplesPerFrame(),
            true,
            frames.payload().retain()));
  }
}
