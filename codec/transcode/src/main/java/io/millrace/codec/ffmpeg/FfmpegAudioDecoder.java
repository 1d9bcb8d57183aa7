package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_INPUT_CHANGED;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLTP;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.swresample.swr_alloc;
import static org.bytedeco.ffmpeg.global.swresample.swr_convert_frame;
import static org.bytedeco.ffmpeg.global.swresample.swr_free;

import io.millrace.codec.AudioDecoder;
import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.opus.OpusConfiguration;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/** AAC, Opus and MP3 to planar float of a wanted rate and channel count. */
public final class FfmpegAudioDecoder implements AudioDecoder {
  private final int sampleRate;
  private final int channels;
  private final NativeAccount account;
  private final AVCodecContext context;
  private final AVPacket packet;
  private final AVFrame frame;
  private final AVFrame converted;
  private @Nullable SwrContext resampler;
  private float[][] samples;
  private boolean closed;

  /**
   * Opens a decoder for a track.
   *
   * @param sampleRate wanted, in Hz
   * @param channels wanted, 1 or 2
   * @throws CodecException when there is no decoder for it
   */
  public FfmpegAudioDecoder(
      TrackFormat.Audio format, int sampleRate, int channels, NativeAccount account) {
    Ffmpeg.load();
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.account = account;
    this.samples = new float[channels][0];
    AllowedDecoder allowed = AllowedDecoder.of(format.codec());
    AVCodec codec = allowed.find();
    this.context = Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    this.packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    this.frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    this.converted = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    account.handleOpened();
    try {
      allowed.confine(context);
      context.thread_count(1);
      Ffmpeg.setTimeBase(context, format.sampleRate());
      FfmpegVideoDecoder.setExtradata(context, extradata(format));
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "open " + format.codec());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The configuration as FFmpeg's decoders have it: for Opus that of Ogg files. */
  private static byte[] extradata(TrackFormat.Audio format) {
    return switch (format.codec()) {
      case AAC, MP3 -> format.configuration();
      case OPUS -> OpusConfiguration.parse(format.configuration()).toHead();
    };
  }

  @Override
  public boolean decode(TrackEvent.Sample sample, Output output) {
    FfmpegVideoDecoder.fill(packet, sample.payload());
    packet.pts(sample.ptsTicks());
    packet.dts(sample.dtsTicks());
    int sent = avcodec_send_packet(context, packet);
    av_packet_unref(packet);
    while (true) {
      int result = avcodec_receive_frame(context, frame);
      if (result < 0) {
        return sent >= 0 && (result == AVERROR_EAGAIN() || result == AVERROR_EOF());
      }
      try {
        deliver(output);
      } finally {
        av_frame_unref(frame);
        av_frame_unref(converted);
      }
    }
  }

  private void deliver(Output output) {
    AVFrame source = isWanted(frame) ? frame : convert();
    int count = source.nb_samples();
    if (samples[0].length < count) {
      samples = new float[channels][count];
    }
    for (int i = 0; i < channels; i++) {
      try (FloatPointer plane = new FloatPointer(source.extended_data(i))) {
        plane.capacity(count).get(samples[i], 0, count);
      }
    }
    output.samples(samples, count, frame.pts());
  }

  private boolean isWanted(AVFrame decoded) {
    return decoded.format() == AV_SAMPLE_FMT_FLTP
        && decoded.sample_rate() == sampleRate
        && decoded.ch_layout().nb_channels() == channels;
  }

  private AVFrame convert() {
    int result = resample();
    if (result == AVERROR_INPUT_CHANGED) {
      // Rate or layout changed inside the track, as where implicitly signalled SBR sets in.
      freeResampler();
      result = resample();
    }
    Ffmpeg.check(result, "resampler");
    return converted;
  }

  private int resample() {
    SwrContext current = resampler;
    if (current == null) {
      current = Ffmpeg.present(swr_alloc(), "swr_alloc");
      account.handleOpened();
      resampler = current;
    }
    av_channel_layout_default(converted.ch_layout(), channels);
    converted.sample_rate(sampleRate).format(AV_SAMPLE_FMT_FLTP);
    return swr_convert_frame(current, converted, frame);
  }

  private void freeResampler() {
    if (resampler != null) {
      swr_free(resampler);
      resampler = null;
      account.handleClosed();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      freeResampler();
      av_frame_free(converted);
      av_frame_free(frame);
      av_packet_free(packet);
      avcodec_free_context(context);
      account.handleClosed();
    }
  }
}
