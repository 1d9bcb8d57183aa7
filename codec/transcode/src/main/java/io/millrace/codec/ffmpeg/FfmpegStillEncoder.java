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
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_count;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/** Codes one picture as a whole closed GOP: a key frame, and the same picture again. */
public final class FfmpegStillEncoder {
  private final StillSettings settings;
  private final StillRecipe recipe;
  private final AVCodecContext context;
  private final AVPacket packet;
  private final List<byte[]> packets = new ArrayList<>();

  /**
   * What came out.
   *
   * @param header the encoder's own header: parameter sets with start codes, or a sequence header
   *     OBU; empty where the codec has none
   * @param packets one a picture in the encoder's own form, the first a key frame
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Coded(byte[] header, List<byte[]> packets) {}

  private FfmpegStillEncoder(StillSettings settings, StillRecipe recipe, AVCodec codec) {
    this.settings = settings;
    this.recipe = recipe;
    this.context = Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    this.packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
  }

  /**
   * Opens an encoder, encodes {@code key} and then {@code others} as often as is asked for, and
   * frees it again.
   *
   * @param key borrowed
   * @param others what the pictures behind the key frame show, borrowed; may be {@code key}
   * @throws CodecException when there is no encoder for the settings, or it fails
   */
  public static Coded encode(
      StillPicture key, StillPicture others, StillSettings settings, NativeAccount account) {
    Ffmpeg.load();
    StillRecipe recipe = StillRecipe.of(settings);
    AVCodec codec =
        Ffmpeg.present(
            avcodec_find_encoder_by_name(recipe.encoder()), "no encoder " + recipe.encoder());
    FfmpegStillEncoder encoder = new FfmpegStillEncoder(settings, recipe, codec);
    account.handleOpened();
    try {
      encoder.open(codec);
      return encoder.run(key.frame(), others.frame());
    } finally {
      av_packet_free(encoder.packet);
      avcodec_free_context(encoder.context);
      account.handleClosed();
    }
  }

  private void open(AVCodec codec) {
    context.width(settings.width()).height(settings.height());
    context.pix_fmt(StillPicture.pixelFormat(settings));
    context.thread_count(1);
    context.time_base().num(settings.frameRate().denominator());
    context.time_base().den(settings.frameRate().numerator());
    context.framerate().num(settings.frameRate().numerator());
    context.framerate().den(settings.frameRate().denominator());
    context.sample_aspect_ratio().num(settings.sampleAspectRatio().numerator());
    context.sample_aspect_ratio().den(settings.sampleAspectRatio().denominator());
    context.color_range(settings.colour().fullRange() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
    context.color_primaries(settings.colour().primaries());
    context.color_trc(settings.colour().transfer());
    context.colorspace(settings.colour().matrix());
    context.bit_rate(recipe.bitrateBps());
    context.gop_size(2 * settings.frames());
    context.max_b_frames(0);
    context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP);
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

  private Coded run(AVFrame key, AVFrame others) {
    for (int i = 0; i < settings.frames(); i++) {
      AVFrame frame = i == 0 ? key : others;
      frame.pts(i);
      frame.pict_type(i == 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
      send(frame);
    }
    send(null);
    if (packets.size() != settings.frames()) {
      throw new CodecException(
          recipe.encoder() + ": " + packets.size() + " of " + settings.frames() + " pictures");
    }
    byte[] header = new byte[context.extradata_size()];
    if (header.length > 0) {
      context.extradata().capacity(header.length).get(header);
    }
    return new Coded(header, List.copyOf(packets));
  }

  private void send(@Nullable AVFrame frame) {
    int sent = avcodec_send_frame(context, frame);
    if (sent == AVERROR_EAGAIN()) {
      receive();
      sent = avcodec_send_frame(context, frame);
    }
    Ffmpeg.check(sent, recipe.encoder());
    receive();
  }

  private void receive() {
    while (true) {
      int result = avcodec_receive_packet(context, packet);
      if (result == AVERROR_EAGAIN() || result == AVERROR_EOF()) {
        return;
      }
      Ffmpeg.check(result, recipe.encoder());
      try {
        keep();
      } finally {
        av_packet_unref(packet);
      }
    }
  }

  private void keep() {
    boolean key = (packet.flags() & AV_PKT_FLAG_KEY) != 0;
    if (key != packets.isEmpty() || packet.pts() != packets.size()) {
      throw new CodecException(recipe.encoder() + ": pictures are not in the order they came");
    }
    byte[] bytes = new byte[packet.size()];
    packet.data().capacity(bytes.length).get(bytes);
    packets.add(bytes);
  }
}
