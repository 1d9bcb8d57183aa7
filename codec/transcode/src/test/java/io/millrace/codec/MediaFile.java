package io.millrace.codec;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_side_data_get;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_display_rotation_get;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.h264.AnnexB;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/** Real H.264, HEVC and AV1 media for tests, read through libavformat. */
public final class MediaFile {
  private MediaFile() {}

  /** The folder of real clips, which lies beside the project where there is one. */
  public static Path folder() {
    String named = System.getProperty("millrace.media");
    if (named != null) {
      return Path.of(named);
    }
    Path up = Path.of("").toAbsolutePath();
    while (up != null && !Files.isDirectory(up.resolve("shared/media"))) {
      up = up.getParent();
    }
    return up == null ? Path.of("shared/media") : up.resolve("shared/media");
  }

  /** Reads the first {@code durationMs} of the video track. */
  public static RecordingSink readVideo(Path file, long durationMs) {
    RecordingSink sink = new RecordingSink();
    AVFormatContext input = new AVFormatContext(null);
    check(avformat_open_input(input, file.toString(), null, null));
    AVPacket packet = av_packet_alloc();
    try {
      check(avformat_find_stream_info(input, (AVDictionary) null));
      AVStream stream = firstVideo(input);
      sink.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, format(stream)));
      long endTicks = durationMs * Timescale.VIDEO.ticksPerSecond() / 1000;
      while (av_read_frame(input, packet) >= 0) {
        if (packet.stream_index() == stream.index()) {
          long dtsTicks = ticks(packet.dts(), stream);
          if (dtsTicks > endTicks) {
            break;
          }
          byte[] bytes = new byte[packet.size()];
          packet.data().capacity(bytes.length).get(bytes);
          boolean key = (packet.flags() & AV_PKT_FLAG_KEY) != 0;
          sink.accept(
              new TrackEvent.Sample(
                  TrackEvent.VIDEO_TRACK,
                  dtsTicks,
                  ticks(packet.pts(), stream),
                  ticks(packet.duration(), stream),
                  key,
                  isByteStream(stream)
                      ? AnnexB.toLengthPrefixed(
                          Unpooled.wrappedBuffer(bytes), ByteBufAllocator.DEFAULT)
                      : Unpooled.wrappedBuffer(bytes)));
        }
        av_packet_unref(packet);
      }
      return sink;
    } finally {
      av_packet_free(packet);
      avformat_close_input(input);
    }
  }

  private static AVStream firstVideo(AVFormatContext input) {
    for (int i = 0; i < input.nb_streams(); i++) {
      if (input.streams(i).codecpar().codec_type() == AVMEDIA_TYPE_VIDEO) {
        return input.streams(i);
      }
    }
    throw new AssertionError("no video");
  }

  private static TrackFormat.Video format(AVStream stream) {
    AVCodecParameters parameters = stream.codecpar();
    byte[] extradata = extradata(parameters);
    TrackFormat.Video own =
        switch (parameters.codec_id()) {
          case AV_CODEC_ID_H264 ->
              isByteStream(stream)
                  ? AvcConfiguration.fromAnnexB(Unpooled.wrappedBuffer(extradata), 4).toFormat()
                  : AvcConfiguration.parse(extradata).toFormat();
          case AV_CODEC_ID_HEVC -> HevcConfiguration.parse(extradata).toFormat();
          case AV_CODEC_ID_AV1 -> Av1Configuration.parse(extradata).toFormat();
          default -> throw new AssertionError("codec " + parameters.codec_id());
        };
    return new TrackFormat.Video(
        own.codec(),
        own.codecs(),
        own.configuration(),
        own.width(),
        own.height(),
        own.sampleAspectRatio(),
        stream.avg_frame_rate().den() == 0
            ? null
            : new Rational(stream.avg_frame_rate().num(), stream.avg_frame_rate().den()),
        own.colour(),
        rotation(parameters));
  }

  private static byte[] extradata(AVCodecParameters parameters) {
    byte[] extradata = new byte[parameters.extradata_size()];
    parameters.extradata().capacity(extradata.length).get(extradata);
    return extradata;
  }

  /** Transport streams have start codes. */
  private static boolean isByteStream(AVStream stream) {
    return stream.codecpar().codec_id() == AV_CODEC_ID_H264 && extradata(stream.codecpar())[0] == 0;
  }

  private static int rotation(AVCodecParameters parameters) {
    AVPacketSideData data =
        av_packet_side_data_get(
            parameters.coded_side_data(),
            parameters.nb_coded_side_data(),
            AV_PKT_DATA_DISPLAYMATRIX);
    if (data == null) {
      return 0;
    }
    double counterClockwise = av_display_rotation_get(new IntPointer(new BytePointer(data.data())));
    return Math.floorMod(-Math.round(counterClockwise), 360);
  }

  private static long ticks(long value, AVStream stream) {
    return Timescale.scale(
        value,
        (long) stream.time_base().num() * Timescale.VIDEO.ticksPerSecond(),
        stream.time_base().den());
  }

  private static void check(int result) {
    if (result < 0) {
      throw new AssertionError("libavformat: " + result);
    }
  }
}
