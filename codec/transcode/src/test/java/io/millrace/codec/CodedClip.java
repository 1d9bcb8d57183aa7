package io.millrace.codec;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AAC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MP3;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_OPUS;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP9;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10LE;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLT;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLTP;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.opus.OpusConfiguration;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * A track in any codec that the bundle can encode, with the configuration record that libavformat's
 * MP4 writer makes of it, so that nothing of ours is tested against itself.
 */
public record CodedClip(TrackFormat format, List<TrackEvent.Sample> samples) {
  public static final int WIDTH = 320;
  public static final int HEIGHT = 180;

  /** What a video clip shows: one 8-bit sample of plane 0, 1 or 2. */
  @FunctionalInterface
  public interface Painting {
    int at(int plane, int x, int y, int frame);

    /** A gradient that slides two pixels a frame. */
    static Painting moving() {
      return (plane, x, y, frame) -> {
        int step = plane == 0 ? 1 : 2;
        int wave = (x * step + y * step / 2 + 2 * frame) % 256;
        int ramp = wave < 128 ? wave : 255 - wave;
        return plane == 0 ? 40 + ramp : 64 + ramp;
      };
    }

    /** As {@link #moving} when it does not move. */
    static Painting still() {
      return (plane, x, y, frame) -> moving().at(plane, x, y, 0);
    }
  }

  /**
   * How a video clip is made.
   *
   * @param encoder libavcodec's name
   * @param gopFrames key frames are that far apart
   * @param bitrateBps constant; 0 leaves it to the encoder
   */
  public record Video(
      String encoder,
      int bitDepth,
      Colour colour,
      Rational aspect,
      int frames,
      int gopFrames,
      long bitrateBps,
      Map<String, String> options) {
    public static Video of(String encoder, int bitDepth, Map<String, String> options) {
      return new Video(encoder, bitDepth, TestPictures.BT709, Rational.ONE, 50, 25, 0, options);
    }

    public Video withColour(Colour other) {
      return new Video(encoder, bitDepth, other, aspect, frames, gopFrames, bitrateBps, options);
    }

    public Video withAspect(Rational other) {
      return new Video(encoder, bitDepth, colour, other, frames, gopFrames, bitrateBps, options);
    }

    public Video withFrames(int count, int gop) {
      return new Video(encoder, bitDepth, colour, aspect, count, gop, bitrateBps, options);
    }

    public Video withBitrate(long bps) {
      return new Video(encoder, bitDepth, colour, aspect, frames, gopFrames, bps, options);
    }
  }

  public TrackFormat.Video video() {
    return (TrackFormat.Video) format;
  }

  public TrackFormat.Audio audio() {
    return (TrackFormat.Audio) format;
  }

  /** Encodes a picture of 320×180 at 25 fps. */
  public static CodedClip of(Video wanted, Painting painting) {
    return make(
        wanted.encoder(),
        wanted.options(),
        context -> {
          context.width(WIDTH).height(HEIGHT).gop_size(wanted.gopFrames());
          context.pix_fmt(wanted.bitDepth() == 8 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV420P10LE);
          context.bit_rate(wanted.bitrateBps()).rc_max_rate(wanted.bitrateBps());
          context.rc_buffer_size((int) wanted.bitrateBps());
          context.time_base().num(1);
          context.time_base().den(25);
          context.framerate().num(25);
          context.framerate().den(1);
          context.sample_aspect_ratio().num(wanted.aspect().numerator());
          context.sample_aspect_ratio().den(wanted.aspect().denominator());
          context.color_range(AVCOL_RANGE_MPEG);
          context.color_primaries(wanted.colour().primaries());
          context.color_trc(wanted.colour().transfer());
          context.colorspace(wanted.colour().matrix());
        },
        (context, encode) -> {
          AVFrame frame = av_frame_alloc();
          for (int i = 0; i < wanted.frames(); i++) {
            frame.width(WIDTH).height(HEIGHT).format(context.pix_fmt()).pts(i);
            check(av_frame_get_buffer(frame, 64));
            paint(frame, wanted.bitDepth(), painting, i);
            encode.accept(frame);
            av_frame_unref(frame);
          }
          av_frame_free(frame);
        },
        (parameters, extradata) ->
            new TrackFormat.Video(
                switch (parameters.codec_id()) {
                  case AV_CODEC_ID_H264 -> VideoCodec.H264;
                  case AV_CODEC_ID_HEVC -> VideoCodec.HEVC;
                  case AV_CODEC_ID_AV1 -> VideoCodec.AV1;
                  case AV_CODEC_ID_VP9 -> VideoCodec.VP9;
                  default -> throw new AssertionError("codec " + parameters.codec_id());
                },
                wanted.encoder(),
                record(parameters, extradata, wanted.bitDepth()),
                WIDTH,
                HEIGHT,
                wanted.aspect(),
                new Rational(25, 1),
                wanted.colour(),
                0));
  }

  /** libavformat reads {@code vpcC} but does not hand it on. */
  private static byte[] record(AVCodecParameters parameters, byte[] extradata, int bitDepth) {
    return parameters.codec_id() == AV_CODEC_ID_VP9
        ? new byte[] {0, 11, (byte) (bitDepth << 4 | 2), 1, 1, 1, 0, 0}
        : extradata;
  }

  private static void paint(AVFrame frame, int bitDepth, Painting painting, int index) {
    for (int plane = 0; plane < 3; plane++) {
      int width = plane == 0 ? WIDTH : WIDTH / 2;
      int height = plane == 0 ? HEIGHT : HEIGHT / 2;
      int stride = frame.linesize(plane);
      MemorySegment rows =
          MemorySegment.ofAddress(frame.data(plane).address()).reinterpret((long) stride * height);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int value = painting.at(plane, x, y, index);
          if (bitDepth == 8) {
            rows.set(ValueLayout.JAVA_BYTE, (long) y * stride + x, (byte) value);
          } else {
            rows.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                (long) y * stride + 2L * x,
                (short) (value << bitDepth - 8));
          }
        }
      }
    }
  }

  /**
   * Encodes a sine of 440 Hz at −12 dBFS, the same in every channel.
   *
   * @param encoder aac, libopus or libmp3lame
   */
  public static CodedClip tone(String encoder, int sampleRate, int channels, int durationMs) {
    return sound(
        encoder,
        sampleRate,
        channels,
        durationMs,
        at -> 0.25 * Math.sin(2 * Math.PI * 440 * at / sampleRate));
  }

  /** Encodes what {@code signal} says for each sample number, in −1…1. */
  public static CodedClip sound(
      String encoder, int sampleRate, int channels, int durationMs, LongToDoubleFunction signal) {
    boolean planar = !encoder.equals("libopus");
    return make(
        encoder,
        Map.of(),
        context -> {
          context.sample_rate(sampleRate).bit_rate(64_000L * channels);
          context.sample_fmt(planar ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_FLT);
          av_channel_layout_default(context.ch_layout(), channels);
          context.time_base().num(1);
          context.time_base().den(sampleRate);
        },
        (context, encode) -> {
          AVFrame frame = av_frame_alloc();
          int size = context.frame_size();
          for (long at = 0; at + size <= (long) sampleRate * durationMs / 1000; at += size) {
            frame.nb_samples(size).format(context.sample_fmt()).sample_rate(sampleRate).pts(at);
            av_channel_layout_default(frame.ch_layout(), channels);
            check(av_frame_get_buffer(frame, 0));
            for (int channel = 0; channel < channels; channel++) {
              MemorySegment plane =
                  MemorySegment.ofAddress(frame.data(planar ? channel : 0).address())
                      .reinterpret(4L * size * (planar ? 1 : channels));
              for (int i = 0; i < size; i++) {
                plane.setAtIndex(
                    ValueLayout.JAVA_FLOAT,
                    planar ? i : (long) i * channels + channel,
                    (float) signal.applyAsDouble(at + i));
              }
            }
            encode.accept(frame);
            av_frame_unref(frame);
          }
          av_frame_free(frame);
        },
        (parameters, extradata) ->
            switch (parameters.codec_id()) {
              case AV_CODEC_ID_AAC -> AudioSpecificConfig.parse(extradata).toFormat();
              case AV_CODEC_ID_OPUS -> OpusConfiguration.parseHead(extradata).toFormat();
              case AV_CODEC_ID_MP3 ->
                  new TrackFormat.Audio(
                      AudioCodec.MP3,
                      "mp3",
                      new byte[0],
                      sampleRate,
                      channels,
                      sampleRate < 32_000 ? 576 : 1152);
              default -> throw new AssertionError("codec " + parameters.codec_id());
            });
  }

  private interface Setup {
    void apply(AVCodecContext context);
  }

  private interface Sink {
    void accept(AVFrame frame);
  }

  private interface Source {
    void run(AVCodecContext context, Sink encode);
  }

  private interface Naming {
    TrackFormat format(AVCodecParameters parameters, byte[] extradata);
  }

  private static CodedClip make(
      String encoder, Map<String, String> options, Setup setup, Source source, Naming naming) {
    AVCodec codec = avcodec_find_encoder_by_name(encoder);
    if (codec == null) {
      throw new AssertionError("no encoder " + encoder);
    }
    AVCodecContext context = avcodec_alloc_context3(codec);
    Path file = temporary();
    try {
      setup.apply(context);
      context.thread_count(1);
      context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      AVDictionary dictionary = new AVDictionary(null);
      options.forEach((name, value) -> av_dict_set(dictionary, name, value, 0));
      check(avcodec_open2(context, codec, dictionary));
      write(context, source, file);
      return read(file, naming);
    } finally {
      avcodec_free_context(context);
      file.toFile().delete();
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempFile("clip", ".mp4");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(AVCodecContext context, Source source, Path file) {
    AVFormatContext muxer = new AVFormatContext(null);
    check(avformat_alloc_output_context2(muxer, null, "mp4", file.toString()));
    AVStream stream = avformat_new_stream(muxer, null);
    check(avcodec_parameters_from_context(stream.codecpar(), context));
    stream.time_base(context.time_base());
    AVIOContext io = new AVIOContext(null);
    check(avio_open(io, file.toString(), AVIO_FLAG_WRITE));
    muxer.pb(io);
    check(avformat_write_header(muxer, (AVDictionary) null));
    AVPacket packet = av_packet_alloc();
    Sink encode =
        frame -> {
          check(avcodec_send_frame(context, frame));
          while (avcodec_receive_packet(context, packet) >= 0) {
            av_packet_rescale_ts(packet, context.time_base(), stream.time_base());
            check(av_write_frame(muxer, packet));
            av_packet_unref(packet);
          }
        };
    source.run(context, encode);
    encode.accept(null);
    check(av_write_trailer(muxer));
    av_packet_free(packet);
    avio_closep(io);
    avformat_free_context(muxer);
  }

  private static CodedClip read(Path file, Naming naming) {
    AVFormatContext input = new AVFormatContext(null);
    check(avformat_open_input(input, file.toString(), null, null));
    AVPacket packet = av_packet_alloc();
    try {
      check(avformat_find_stream_info(input, (AVDictionary) null));
      AVStream stream = input.streams(0);
      byte[] extradata = new byte[stream.codecpar().extradata_size()];
      if (extradata.length > 0) {
        stream.codecpar().extradata().capacity(extradata.length).get(extradata);
      }
      TrackFormat format = naming.format(stream.codecpar(), extradata);
      int track =
          format instanceof TrackFormat.Video ? TrackEvent.VIDEO_TRACK : TrackEvent.AUDIO_TRACK;
      List<TrackEvent.Sample> samples = new ArrayList<>();
      while (av_read_frame(input, packet) >= 0) {
        byte[] bytes = new byte[packet.size()];
        packet.data().capacity(bytes.length).get(bytes);
        samples.add(
            new TrackEvent.Sample(
                track,
                ticks(packet.dts(), stream, format.timescale()),
                ticks(packet.pts(), stream, format.timescale()),
                ticks(packet.duration(), stream, format.timescale()),
                (packet.flags() & AV_PKT_FLAG_KEY) != 0,
                Unpooled.wrappedBuffer(bytes)));
        av_packet_unref(packet);
      }
      return new CodedClip(format, List.copyOf(samples));
    } finally {
      av_packet_free(packet);
      avformat_close_input(input);
    }
  }

  private static long ticks(long value, AVStream stream, Timescale timescale) {
    return Timescale.scale(
        value,
        (long) stream.time_base().num() * timescale.ticksPerSecond(),
        stream.time_base().den());
  }

  private static void check(int result) {
    if (result < 0) {
      throw new AssertionError("ffmpeg: " + result);
    }
  }
}
