package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/** libavcodec's own AAC-LC encoder. */
public final class FfmpegAacEncoder implements AudioEncoder {
  private final NativeAccount account;
  private final AVCodecContext context;
  private final AVPacket packet;
  private final AVFrame frame;
  private final TrackFormat.Audio format;
  private boolean closed;

  /**
   * Opens an encoder.
   *
   * @param sampleRate one of AAC's (8000 to 96000 Hz)
   * @param channels 1 or 2
   * @throws CodecException when the encoder refuses them
   */
  public FfmpegAacEncoder(int sampleRate, int channels, long bitrateBps, NativeAccount account) {
    Ffmpeg.load();
    this.account = account;
    AVCodec codec = Ffmpeg.present(avcodec_find_encoder_by_name("aac"), "no encoder aac");
    this.context = Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    this.packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    this.frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    account.handleOpened();
    try {
      context.thread_count(1);
      context.sample_rate(sampleRate).sample_fmt(AV_SAMPLE_FMT_FLTP).bit_rate(bitrateBps);
      av_channel_layout_default(context.ch_layout(), channels);
      Ffmpeg.setTimeBase(context, sampleRate);
      context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "open aac");
      byte[] configuration = new byte[context.extradata_size()];
      context.extradata().capacity(configuration.length).get(configuration);
      this.format = AudioSpecificConfig.parse(configuration).toFormat();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public TrackFormat.Audio format() {
    return format;
  }

  @Override
  public void encode(float[][] channels, long ptsTicks, Output output) {
    int count = format.samplesPerFrame();
    frame.nb_samples(count).format(AV_SAMPLE_FMT_FLTP).sample_rate(format.sampleRate());
    av_channel_layout_default(frame.ch_layout(), format.channels());
    Ffmpeg.check(av_frame_get_buffer(frame, 0), "av_frame_get_buffer");
    try {
      for (int i = 0; i < format.channels(); i++) {
        try (FloatPointer plane = new FloatPointer(frame.extended_data(i))) {
          plane.capacity(count).put(channels[i], 0, count);
        }
      }
      frame.pts(ptsTicks);
      send(frame, output);
    } finally {
      av_frame_unref(frame);
    }
  }

  @Override
  public void drain(Output output) {
    send(null, output);
  }

  private void send(@Nullable AVFrame input, Output output) {
    Ffmpeg.check(avcodec_send_frame(context, input), "aac");
    while (true) {
      int result = avcodec_receive_packet(context, packet);
      if (result == AVERROR_EAGAIN() || result == AVERROR_EOF()) {
        return;
      }
      Ffmpeg.check(result, "aac");
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
