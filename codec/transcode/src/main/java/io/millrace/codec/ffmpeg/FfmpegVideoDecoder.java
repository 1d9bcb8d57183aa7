package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_INPUT_BUFFER_PADDING_SIZE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_flush_buffers;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;

import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoDecoder;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/** libavcodec's decoders, single-threaded: one decoder a stream is not the bottleneck. */
public final class FfmpegVideoDecoder implements VideoDecoder {
  /**
   * 8192×4352, the most that H.264 level 6.2 allows: a bound on what a header can make us allocate.
   */
  private static final long MAX_PIXELS = 8192L * 4352;

  private final AVCodecContext context;
  private final AVPacket packet;
  private final NativeAccount account;
  private boolean closed;

  /**
   * Opens a decoder for a track.
   *
   * @throws CodecException when the bundle has none for this codec or it refuses the configuration
   */
  public FfmpegVideoDecoder(TrackFormat.Video format, NativeAccount account) {
    Ffmpeg.load();
    AllowedDecoder allowed = AllowedDecoder.of(format.codec());
    AVCodec codec = allowed.find();
    this.account = account;
    this.context = Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    this.packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    account.handleOpened();
    try {
      allowed.confine(context);
      context.thread_count(1);
      context.max_pixels(MAX_PIXELS);
      Ffmpeg.setTimeBase(context, Timescale.VIDEO.ticksPerSecond());
      setExtradata(context, format.configuration());
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "open " + format.codec());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  static void setExtradata(AVCodecContext context, byte[] configuration) {
    BytePointer extradata =
        new BytePointer(
            Ffmpeg.present(
                av_mallocz(configuration.length + AV_INPUT_BUFFER_PADDING_SIZE), "av_mallocz"));
    extradata.capacity(configuration.length).put(configuration);
    context.extradata(extradata).extradata_size(configuration.length);
  }

  @Override
  public boolean decode(TrackEvent.Sample sample, Output output) {
    fill(packet, sample.payload());
    packet.pts(sample.ptsTicks());
    packet.dts(sample.dtsTicks());
    packet.duration(sample.durationTicks());
    packet.flags(sample.key() ? AV_PKT_FLAG_KEY : 0);
    int sent = avcodec_send_packet(context, packet);
    av_packet_unref(packet);
    boolean received = receive(output);
    return sent >= 0 && received;
  }

  /** Copies a payload into a packet with the zero padding that FFmpeg's bit readers need. */
  static void fill(AVPacket packet, ByteBuf payload) {
    int sizeBytes = payload.readableBytes();
    Ffmpeg.check(av_new_packet(packet, sizeBytes), "av_new_packet");
    payload.getBytes(payload.readerIndex(), packet.data().capacity(sizeBytes).asByteBuffer());
  }

  /** Returns false when a frame turned out damaged. */
  private boolean receive(Output output) {
    while (true) {
      AVFrame frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
      int result = avcodec_receive_frame(context, frame);
      if (result < 0) {
        av_frame_free(frame);
        return result == AVERROR_EAGAIN() || result == AVERROR_EOF();
      }
      output.frame(new FfmpegFrame(frame), frame.pts(), frame.duration());
    }
  }

  @Override
  public void drain(Output output) {
    avcodec_send_packet(context, null);
    receive(output);
    avcodec_flush_buffers(context);
  }

  @Override
  public void reset() {
    avcodec_flush_buffers(context);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      av_packet_free(packet);
      avcodec_free_context(context);
      account.handleClosed();
    }
  }
}
