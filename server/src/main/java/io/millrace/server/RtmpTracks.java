package io.millrace.server;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.VideoTag;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Sends the events of a stream to an RTMP server, as FLV tags with millisecond timestamps. One
 * thread.
 */
final class RtmpTracks implements TrackSink {
  private final RtmpPublisher connection;
  private TrackFormat.@Nullable Video video;
  private TrackFormat.@Nullable Audio audio;

  RtmpTracks(RtmpPublisher connection) {
    this.connection = connection;
  }

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Format(int _, TrackFormat.Video format) -> {
        video = format;
        send(0, new VideoTag.SequenceStart(format.codec(), format.configuration()));
      }
      case Format(int _, TrackFormat.Audio format) -> {
        audio = format;
        send(0, new AudioTag.SequenceStart(format.codec(), format.configuration()));
      }
      case Sample sample -> {
        try {
          if (sample.track() == TrackEvent.VIDEO_TRACK) {
            sendVideo(sample);
          } else {
            sendAudio(sample);
          }
        } finally {
          sample.release();
        }
      }
      case Boundary _, Discontinuity _, Cue _, End _ -> {}
    }
  }

  private void sendVideo(Sample sample) {
    if (video != null) {
      long dtsMs = Timescale.VIDEO.rescale(sample.dtsTicks(), Timescale.MILLIS);
      long ptsMs = Timescale.VIDEO.rescale(sample.ptsTicks(), Timescale.MILLIS);
      int compositionMs = Math.toIntExact(ptsMs - dtsMs);
      send(
          dtsMs,
          new VideoTag.CodedFrames(video.codec(), sample.key(), compositionMs, sample.payload()));
    }
  }

  private void sendAudio(Sample sample) {
    if (audio != null) {
      long timeMs = audio.timescale().rescale(sample.dtsTicks(), Timescale.MILLIS);
      send(timeMs, new AudioTag.CodedFrames(audio.codec(), sample.payload()));
    }
  }

  private void send(long timestampMs, VideoTag tag) {
    ByteBuf body = PooledByteBufAllocator.DEFAULT.buffer();
    tag.write(body);
    boolean unused = connection.video(timestampMs, body);
  }

  private void send(long timestampMs, AudioTag tag) {
    ByteBuf body = PooledByteBufAllocator.DEFAULT.buffer();
    tag.write(body);
    boolean unused = connection.audio(timestampMs, body);
  }
}
