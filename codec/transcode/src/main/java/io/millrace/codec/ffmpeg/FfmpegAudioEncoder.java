package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_OPUS;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLT;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLTP;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.millrace.codec.AudioEncoder;
import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.opus.OpusConfiguration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/** libavcodec's own AAC-LC encoder, and libopus. */
public final class FfmpegAudioEncoder implements AudioEncoder {
  private final String name;
  private final int sampleFormat;
  private final NativeAccount account;
  private final AVCodecContext context;
  private final AVPacket packet;
  private final AVFrame frame;
  private final TrackFormat.Audio format;
  private float[] turns = new float[0];
  private boolean closed;

  /**
   * Opens an encoder of AAC-LC.
   *
   * @param sampleRate one of AAC's (8000 to 96000 Hz)
   * @param channels 1 or 2
   * @throws CodecException when the encoder refuses them
   */
  public static FfmpegAudioEncoder aac(
      int sampleRate, int channels, long bitrateBps, NativeAccount account) {
    return new FfmpegAudioEncoder(
        "aac", AV_SAMPLE_FMT_FLTP, sampleRate, channels, bitrateBps, account);
  }

  /**
   * Opens an encoder of Opus, in frames of 20 ms at 48 kHz. The samples that it takes ahead are in
   * the times of its frames already, so its {@code dOps} tells players to drop none.
   *
   * @param channels 1 or 2
   * @throws CodecException when the encoder refuses them
   */
  public static FfmpegAudioEncoder opus(int channels, long bitrateBps, NativeAccount account) {
    return new FfmpegAudioEncoder(
        "libopus", AV_SAMPLE_FMT_FLT, OpusConfiguration.SAMPLE_RATE, channels, bitrateBps, account);
  }

  private FfmpegAudioEncoder(
      String name,
      int sampleFormat,
      int sampleRate,
      int channels,
      long bitrateBps,
      NativeAccount account) {
    Ffmpeg.load();
    this.name = name;
    this.sampleFormat = sampleFormat;
    this.account = account;
    AVCodec codec = Ffmpeg.present(avcodec_find_encoder_by_name(name), "no encoder " + name);
    this.context = Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    this.packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    this.frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    account.handleOpened();
    try {
      context.thread_count(1);
      context.sample_rate(sampleRate).sample_fmt(sampleFormat).bit_rate(bitrateBps);
      av_channel_layout_default(context.ch_layout(), channels);
      Ffmpeg.setTimeBase(context, sampleRate);
      context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "open " + name);
      this.format = format(channels);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private TrackFormat.Audio format(int channels) {
    if (context.codec_id() == AV_CODEC_ID_OPUS) {
      return OpusConfiguration.ofChannels(channels).toFormat();
    }
    byte[] configuration = new byte[context.extradata_size()];
    context.extradata().capacity(configuration.length).get(configuration);
    return AudioSpecificConfig.parse(configuration).toFormat();
  }

  @Override
  public TrackFormat.Audio format() {
    return format;
  }

  @Override
  public void encode(float[][] channels, long ptsTicks, Output output) {
    int count = format.samplesPerFrame();
    frame.nb_samples(count).format(sampleFormat).sample_rate(format.sampleRate());
    av_channel_layout_default(frame.ch_layout(), format.channels());
    Ffmpeg.check(av_frame_get_buffer(frame, 0), "av_frame_get_buffer");
    try {
      if (sampleFormat == AV_SAMPLE_FMT_FLTP) {
        for (int i = 0; i < format.channels(); i++) {
          put(i, channels[i], count);
        }
      } else {
        put(0, interleaved(channels, count), count * format.channels());
      }
      frame.pts(ptsTicks);
      send(frame, output);
    } finally {
      av_frame_unref(frame);
    }
  }

  private void put(int plane, float[] samples, int count) {
    try (FloatPointer target = new FloatPointer(frame.extended_data(plane))) {
      target.capacity(count).put(samples, 0, count);
    }
  }

  private float[] interleaved(float[][] channels, int count) {
    int width = format.channels();
    if (turns.length < count * width) {
      turns = new float[count * width];
    }
    for (int i = 0; i < width; i++) {
      for (int at = 0; at < count; at++) {
        turns[at * width + i] = channels[i][at];
      }
    }
    return turns;
  }

  @Override
  public void drain(Output output) {
    send(null, output);
  }

  private void send(@Nullable AVFrame input, Output output) {
    Ffmpeg.check(avcodec_send_frame(context, input), name);
    while (true) {
      int result = avcodec_receive_packet(context, packet);
      if (result == AVERROR_EAGAIN() || result == AVERROR_EOF()) {
        return;
      }
      Ffmpeg.check(result, name);
      try {
        int sizeBytes = packet.size();
        ByteBuf payload = ByteBufAllocator.DEFAULT.buffer(sizeBytes, sizeBytes);
        payload.writeBytes(packet.data().capacity(sizeBytes).asByteBuffer());
        output.frame(payload, packet.pts());
      } finally {
        av_packet_unref(packet);
      }
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      av_frame_free(frame);
      av_packet_free(packet);
      avcodec_free_context(context);
      account.handleClosed();
    }
  }
}
