package io.millrace.server.ingest;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.ChannelLayout;
import io.millrace.media.timeline.Timeline;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One audio track of a session: its tags into {@link Format} and {@link Sample}. */
final class AudioIngest {
  private static final byte[] NO_RECORD = {};

  private final int track;
  private final Timeline timeline;
  private final TrackSink sink;
  private final AudioSyntax.FrameSink frames = this::frame;
  private @Nullable AudioCodec codec;
  private byte[] record = NO_RECORD;
  private int channels;
  private @Nullable AudioSyntax syntax;
  private TrackFormat.@Nullable Audio announced;
  private long timestampMs;
  private int offsetNanos;

  /**
   * @param track as in {@link TrackEvent#audioTrack}
   */
  AudioIngest(int track, Timeline timeline, TrackSink sink) {
    this.track = track;
    this.timeline = timeline;
    this.sink = sink;
  }

  /**
   * @throws MediaFormatException malformed or unsupported
   */
  void configure(AudioTag.SequenceStart start) {
    boolean empty = start.configuration().length == 0;
    if (start.codec() == AudioCodec.AAC && empty) {
      // ffmpeg that copies from MPEG-TS knows the configuration only with the first frame: it sends
      // an empty header first and the real one before that frame.
      return;
    }
    if (syntax == null || start.codec() != codec || !Arrays.equals(start.configuration(), record)) {
      use(start.codec(), start.configuration());
    }
  }

  /** Which loudspeakers the channels of a codec that does not say so belong to. */
  void multichannel(AudioTag.MultichannelConfig config) {
    int said =
        switch (config.layout()) {
          case ChannelLayout.Unspecified(int count) -> count;
          case ChannelLayout.Native(int count, int _) -> count;
          case ChannelLayout.Custom(byte[] speakers) -> speakers.length;
        };
    boolean changes = said != channels && syntax != null && record.length == 0;
    channels = said;
    if (changes) {
      use(config.codec(), record);
    }
  }

  private AudioSyntax use(AudioCodec newCodec, byte[] newRecord) {
    codec = newCodec;
    record = newRecord;
    AudioSyntax configured = AudioSyntax.of(newCodec, newRecord, channels);
    syntax = configured;
    TrackFormat.Audio format = configured.format();
    if (format != null) {
      announce(format);
    }
    return configured;
  }

  private void announce(TrackFormat.Audio format) {
    if (!format.equals(announced)) {
      sink.accept(new Format(track, format));
    }
    announced = format;
  }

  /**
   * Borrows the payload.
   *
   * @throws MediaFormatException malformed
   */
  void frames(long messageMs, AudioTag.CodedFrames tag) {
    ByteBuf payload = tag.payload();
    if (!payload.isReadable()) {
      return;
    }
    AudioSyntax known = tag.codec() == codec ? syntax : null;
    if (known == null) {
      known = withoutRecord(tag.codec());
    }
    timestampMs = messageMs;
    offsetNanos = tag.timestampOffsetNanos();
    known.read(payload, frames);
  }

  private AudioSyntax withoutRecord(AudioCodec newCodec) {
    return switch (newCodec) {
      case AAC ->
          throw MediaFormatException.malformed("audio data before the decoder configuration");
      case OPUS, MP3 -> use(newCodec, NO_RECORD);
    };
  }

  private void frame(TrackFormat.Audio format, int samples, ByteBuf frame) {
    if (format != announced) {
      announce(format);
    }
    long ticks = timeline.audio(track, timestampMs, offsetNanos, format.sampleRate(), samples);
    sink.accept(new Sample(track, ticks, ticks, samples, true, frame.retainedSlice()));
  }
}
