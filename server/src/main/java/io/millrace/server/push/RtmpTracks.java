package io.millrace.server.push;

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
import io.millrace.media.opus.OpusConfiguration;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;

/**
 * Sends the events of a stream to an RTMP server. The main tracks in H.264 and AAC go out in FLV's
 * own headers, everything else in those of Enhanced RTMP v2. Times are milliseconds; a server that
 * takes the nanoseconds of Enhanced RTMP v2 gets them exactly, any other rounded. One thread.
 */
public final class RtmpTracks implements TrackSink {
  private static final int NANOS_PER_MILLI = 1_000_000;

  /** Version 1 and flags of the box, which Enhanced RTMP senders put before vpcC. */
  private static final byte[] FULL_BOX = {1, 0, 0, 0};

  private final PushLink connection;
  private final boolean exact;
  private final long originTicks;
  private final Map<Integer, TrackFormat> formats = new HashMap<>();
  private long newestMs;
  private long sentBytes;

  /** A time on the wire. */
  private record WireTime(long ms, int nanos) {}

  /**
   * @param connection borrowed
   */
  public RtmpTracks(RtmpPublisher connection) {
    this(PushLink.of(connection), 0);
  }

  /**
   * @param connection borrowed
   * @param originTicks what is 0 on the wire, in video ticks
   */
  RtmpTracks(PushLink connection, long originTicks) {
    this.connection = connection;
    this.exact = connection.serverCapabilities().timestampNanoOffset();
    this.originTicks = originTicks;
  }

  /** Bytes of bodies that the connection has taken. */
  long sentBytes() {
    return sentBytes;
  }

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Format format -> {
        formats.put(format.track(), format.format());
        int trackId = TrackEvent.trackIndex(format.track());
        switch (format.format()) {
          case TrackFormat.Video video -> configure(trackId, video);
          case TrackFormat.Audio audio -> configure(trackId, audio);
          case TrackFormat.Text _ -> {}
        }
      }
      case Sample sample -> {
        try {
          send(sample);
        } finally {
          sample.release();
        }
      }
      case Boundary _, Discontinuity _, Cue _, End _ -> {}
    }
  }

  private void configure(int trackId, TrackFormat.Video video) {
    byte[] record =
        switch (video.codec()) {
          case H264, HEVC, AV1 -> video.configuration();
          case VP9 -> ByteBufUtil.getBytes(Unpooled.wrappedBuffer(FULL_BOX, video.configuration()));
        };
    send(newestMs, new VideoTag.SequenceStart(video.codec(), trackId, record));
    ByteBuf colour = ColourMetadata.of(video.colour());
    if (colour.isReadable()) {
      send(newestMs, new VideoTag.Metadata(video.codec(), trackId, colour));
    }
  }

  private void configure(int trackId, TrackFormat.Audio audio) {
    switch (audio.codec()) {
      case AAC ->
          send(newestMs, new AudioTag.SequenceStart(audio.codec(), trackId, audio.configuration()));
      case OPUS -> {
        byte[] head = OpusConfiguration.parse(audio.configuration()).toHead();
        send(newestMs, new AudioTag.SequenceStart(audio.codec(), trackId, head));
      }
      case MP3 -> {} // its frames say everything
    }
  }

  private void send(Sample sample) {
    int trackId = TrackEvent.trackIndex(sample.track());
    switch (formats.get(sample.track())) {
      case TrackFormat.Video video -> sendVideo(trackId, video, sample);
      case TrackFormat.Audio audio -> sendAudio(trackId, audio, sample);
      case TrackFormat.Text _ -> {}
      case null -> {} // its format was sent before this sink was there
    }
  }

  private void sendVideo(int trackId, TrackFormat.Video video, Sample sample) {
    long dtsMs = wireTime(sample.dtsTicks(), Timescale.VIDEO).ms();
    WireTime pts = wireTime(sample.ptsTicks(), Timescale.VIDEO);
    send(
        dtsMs,
        new VideoTag.CodedFrames(
            video.codec(),
            trackId,
            sample.key(),
            Math.toIntExact(pts.ms() - dtsMs),
            pts.nanos(),
            sample.payload()));
  }

  private void sendAudio(int trackId, TrackFormat.Audio audio, Sample sample) {
    WireTime time = wireTime(sample.ptsTicks(), audio.timescale());
    send(
        time.ms(),
        new AudioTag.CodedFrames(audio.codec(), trackId, time.nanos(), sample.payload()));
  }

  private WireTime wireTime(long streamTicks, Timescale scale) {
    long ticks = Math.max(0, streamTicks - Timescale.VIDEO.rescale(originTicks, scale));
    if (!exact) {
      return new WireTime(scale.rescale(ticks, Timescale.MILLIS), 0);
    }
    long perSecond = scale.ticksPerSecond();
    long ms = Math.floorDiv(ticks * 1000, perSecond);
    long nanos = Math.floorMod(ticks * 1000, perSecond) * NANOS_PER_MILLI / perSecond;
    return new WireTime(ms, (int) nanos);
  }

  private void send(long timestampMs, VideoTag tag) {
    ByteBuf body = PooledByteBufAllocator.DEFAULT.buffer();
    tag.write(body);
    newestMs = Math.max(newestMs, timestampMs);
    int bytes = body.readableBytes();
    sentBytes += connection.video(timestampMs, body) ? bytes : 0;
  }

  private void send(long timestampMs, AudioTag tag) {
    ByteBuf body = PooledByteBufAllocator.DEFAULT.buffer();
    tag.write(body);
    newestMs = Math.max(newestMs, timestampMs);
    int bytes = body.readableBytes();
    sentBytes += connection.audio(timestampMs, body) ? bytes : 0;
  }
}
