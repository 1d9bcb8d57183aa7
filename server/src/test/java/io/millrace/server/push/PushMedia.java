package io.millrace.server.push;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Formats and samples of a source at 25 fps, and every payload that was made. */
final class PushMedia {
  static final long FRAME = 14_400;

  final List<ByteBuf> payloads = new ArrayList<>();

  static TrackFormat.Video video(VideoCodec codec, int width) {
    return video(codec, width, 1);
  }

  static TrackFormat.Video video(VideoCodec codec, int width, int configuration) {
    return new TrackFormat.Video(
        codec,
        "codec",
        new byte[] {(byte) configuration, 2, 3, 4},
        width,
        720,
        Rational.ONE,
        new Rational(25, 1),
        Colour.UNSPECIFIED,
        0);
  }

  static TrackFormat.Audio audio(AudioCodec codec) {
    return new TrackFormat.Audio(codec, "codec", new byte[] {0x11, (byte) 0x90}, 48_000, 2, 1024);
  }

  static Format h264() {
    return new Format(TrackEvent.VIDEO_TRACK, video(VideoCodec.H264, 1280));
  }

  static Format aac() {
    return new Format(TrackEvent.AUDIO_TRACK, audio(AudioCodec.AAC));
  }

  /** Picture {@code number} of the stream. */
  Sample picture(long number, boolean key, int sizeBytes) {
    long ticks = number * FRAME;
    return new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, FRAME, key, payload(sizeBytes));
  }

  /** Sound that begins so many samples of 48 kHz into the stream. */
  Sample sound(long atSamples) {
    return new Sample(TrackEvent.AUDIO_TRACK, atSamples, atSamples, 1024, true, payload(20));
  }

  private ByteBuf payload(int sizeBytes) {
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[sizeBytes]);
    payloads.add(payload);
    return payload;
  }
}
