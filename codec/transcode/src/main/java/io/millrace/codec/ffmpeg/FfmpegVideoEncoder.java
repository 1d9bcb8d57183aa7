package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_CLOSED_GOP;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_count;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.PacketForm;
import io.millrace.codec.Picture;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * A libavcodec encoder, one thread. What differs between them is in {@link EncoderRecipe}, {@link
 * FrameInput} and {@link PacketForm}.
 */
final class FfmpegVideoEncoder implements VideoEncoder {
  private final String engine;
  private final PacketForm form;
  private final boolean followsKeyInterval;
  private final NativeAccount account;
  private final AVCodecContext context;
  private final AVPacket packet;
  private final AVFrame shell;
  private final FrameInput input;
  private final TrackFormat.Video format;
  private long lastDtsTicks = Long.MIN_VALUE;
  private boolean closed;

  /**
   * Opens the encoder that {@code recipe} names.
   *
   * @throws CodecException when it is not in the bundle or refuses the settings
   */
  FfmpegVideoEncoder(EncoderSettings settings, EncoderRecipe recipe, NativeAccount account) {
    this(settings, recipe, null, account);
  }

  /**
   * As the other, on a device.
   *
   * @param device its file; null where the encoder needs to know none
   */
  FfmpegVideoEncoder(
      EncoderSettings settings,
      EncoderRecipe recipe,
      @Nullable Path device,
      NativeAccount account) {
    this(settings, recipe, device, account, false);
  }

  /**
   * @param probing true for one that is only asked for its header
   */
  private FfmpegVideoEncoder(
      EncoderSettings settings,
      EncoderRecipe recipe,
      @Nullable Path device,
      NativeAccount account,
      boolean probing) {
    Ffmpeg.load();
    AVCodec codec =
        Ffmpeg.present(
            avcodec_find_encoder_by_name(recipe.encoder()), "no encoder " + recipe.encoder());
    this.engine = recipe.engine();
    this.form = recipe.form();
    this.followsKeyInterval = recipe.followsKeyInterval();
    this.account = account;
    this.context = Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    this.packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    this.shell = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    account.handleOpened();
    FrameInput opened = null;
    try {
      configure(settings, recipe);
      opened = new FrameInput(recipe.input(), settings, device, context);
      open(codec, recipe);
      this.input = opened;
      // VP9 has no header, so that it stands for a format that nobody asks for.
      this.format =
          probing
              ? PacketForm.VP9.format(extradata(), settings)
              : form.format(header(settings, recipe, device), settings);
    } catch (RuntimeException e) {
      free(opened);
      throw e;
    }
  }

  private void configure(EncoderSettings settings, EncoderRecipe recipe) {
    context.width(settings.width()).height(settings.height());
    context.thread_count(1);
    Ffmpeg.setTimeBase(context, Timescale.VIDEO.ticksPerSecond());
    context.framerate().num(settings.frameRate().numerator());
    context.framerate().den(settings.frameRate().denominator());
    context.sample_aspect_ratio().num(1).den(1);
    context.color_range(AVCOL_RANGE_MPEG);
    context.color_primaries(settings.colour().primaries());
    context.color_trc(settings.colour().transfer());
    context.colorspace(settings.colour().matrix());
    context.bit_rate(recipe.rates().bps()).rc_min_rate(recipe.rates().leastBps());
    context.rc_max_rate(recipe.rates().maxBps());
    context.rc_buffer_size(Math.toIntExact(recipe.rates().bufferBits()));
    context.gop_size(recipe.gopFrames());
    context.max_b_frames(recipe.maxBFrames());
    context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP);
  }

  private void open(AVCodec codec, EncoderRecipe recipe) {
    AVDictionary options = new AVDictionary(null);
    try {
      recipe.options().forEach((name, value) -> av_dict_set(options, name, value, 0));
      Ffmpeg.check(avcodec_open2(context, codec, options), "open " + recipe.encoder());
      if (av_dict_count(options) != 0) {
        throw new CodecException(recipe.encoder() + " does not know every option it was given");
      }
    } finally {
      av_dict_free(options);
    }
  }

  /** The encoder's header; of one that has none before its first packet, what that begins with. */
  private byte[] header(EncoderSettings settings, EncoderRecipe recipe, @Nullable Path device) {
    byte[] known = extradata();
    if (known.length > 0 || form == PacketForm.VP9) {
      return known;
    }
    try (FfmpegVideoEncoder other =
        new FfmpegVideoEncoder(settings, recipe, device, account, true)) {
      return other.firstPacket(settings);
    }
  }

  private byte[] firstPacket(EncoderSettings settings) {
    try (PicturePool pool = new PicturePool(settings.width(), settings.height(), account)) {
      Picture grey = pool.take(settings.colour());
      try {
        for (int plane = 0; plane < 3; plane++) {
          grey.plane(plane).fill((byte) 128);
        }
        input.load(grey, shell);
        shell.pts(0);
        shell.pict_type(AV_PICTURE_TYPE_I);
        Ffmpeg.check(avcodec_send_frame(context, shell), engine);
      } finally {
        av_frame_unref(shell);
        grey.release();
      }
      Ffmpeg.check(avcodec_send_frame(context, null), engine);
      Ffmpeg.check(avcodec_receive_packet(context, packet), engine);
      try {
        byte[] bytes = new byte[packet.size()];
        packet.data().capacity(bytes.length).get(bytes);
        return bytes;
      } finally {
        av_packet_unref(packet);
      }
    }
  }

  private byte[] extradata() {
    byte[] bytes = new byte[context.extradata_size()];
    if (bytes.length > 0) {
      context.extradata().capacity(bytes.length).get(bytes);
    }
    return bytes;
  }

  @Override
  public TrackFormat.Video format() {
    return format;
  }

  @Override
  public boolean followsKeyInterval() {
    return followsKeyInterval;
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
    input.load(picture, shell);
    try {
      shell.pts(ptsTicks);
      shell.pict_type(forceKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
      shell.color_range(AVCOL_RANGE_MPEG);
      send(shell, output);
    } finally {
      av_frame_unref(shell);
    }
  }

  @Override
  public void drain(Output output) {
    send(null, output);
  }

  private void send(@Nullable AVFrame frame, Output output) {
    int sent = avcodec_send_frame(context, frame);
    if (sent == AVERROR_EAGAIN()) {
      receive(output);
      sent = avcodec_send_frame(context, frame);
    }
    Ffmpeg.check(sent, engine);
    receive(output);
  }

  private void receive(Output output) {
    while (true) {
      int result = avcodec_receive_packet(context, packet);
      if (result == AVERROR_EAGAIN() || result == AVERROR_EOF()) {
        return;
      }
      Ffmpeg.check(result, engine);
      try {
        deliver(output);
      } finally {
        av_packet_unref(packet);
      }
    }
  }

  private void deliver(Output output) {
    boolean key = (packet.flags() & AV_PKT_FLAG_KEY) != 0;
    ByteBuf bytes = Unpooled.wrappedBuffer(packet.data().capacity(packet.size()).asByteBuffer());
    long dtsTicks = form.reorders() ? packet.dts() : packet.pts();
    if (dtsTicks <= lastDtsTicks) {
      throw new CodecException(engine + ": decoding times do not grow");
    }
    lastDtsTicks = dtsTicks;
    output.packet(form.payload(bytes), packet.pts(), dtsTicks, key);
  }

  @Override
  public void close() {
    free(input);
  }

  private void free(@Nullable FrameInput frames) {
    if (!closed) {
      closed = true;
      av_frame_free(shell);
      av_packet_free(packet);
      avcodec_free_context(context);
      if (frames != null) {
        frames.close();
      }
      account.handleClosed();
    }
  }
}
