package io.millrace.codec.slate;

import io.millrace.codec.PacketForm;
import io.millrace.codec.ffmpeg.FfmpegStillEncoder;
import io.millrace.codec.ffmpeg.StillSettings;
import io.millrace.media.TrackFormat;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Turns an encoder's bytes into samples and a format that differs little from the source's. */
final class StillForm {
  private static final int LENGTH_SIZE = 4;

  /** constraint_set4_flag, constraint_set5_flag: frames only, no B slices; both are so here. */
  private static final int FRAMES_ONLY_AND_NO_B = 0x0C;

  private static final int CONSTRAINT_SET_1 = 0x40;
  private static final int CONSTRAINT_SET_3 = 0x10;

  private StillForm() {}

  static Still still(
      TrackFormat.Video source, StillSettings settings, FfmpegStillEncoder.Coded coded) {
    List<Still.Frame> frames = new ArrayList<>();
    for (byte[] packet : coded.packets()) {
      frames.add(new Still.Frame(payload(source, packet), frames.isEmpty()));
    }
    return new Still(format(source, coded.header()), settings.frameRate(), frames);
  }

  private static byte[] payload(TrackFormat.Video source, byte[] packet) {
    return switch (source.codec()) {
      case H264, HEVC -> payload(PacketForm.H264, packet);
      case AV1 -> payload(PacketForm.AV1, packet);
      case VP9 -> packet;
    };
  }

  private static byte[] payload(PacketForm form, byte[] packet) {
    ByteBuf payload = form.payload(Unpooled.wrappedBuffer(packet));
    try {
      byte[] bytes = new byte[payload.readableBytes()];
      payload.readBytes(bytes);
      return bytes;
    } finally {
      payload.release();
    }
  }

  private static TrackFormat.Video format(TrackFormat.Video source, byte[] header) {
    return switch (source.codec()) {
      case H264 -> {
        AvcConfiguration own = h264(source, header);
        yield with(source, own.codecs(), own.toBytes());
      }
      case HEVC -> {
        HevcConfiguration own =
            HevcConfiguration.fromAnnexB(Unpooled.wrappedBuffer(header), LENGTH_SIZE);
        yield with(source, own.codecs(), own.toBytes());
      }
      case AV1 -> {
        Av1Configuration own = Av1Configuration.of(header);
        yield with(source, own.codecs(), own.toBytes());
      }
      // VP9 has no header of its own: what the source's record says is true of the still.
      case VP9 -> source;
    };
  }

  /**
   * The encoder's parameter sets, with the source's constraint flags where the still keeps what
   * they promise (ITU-T H.264 §7.4.2.1.1): players then see the very same {@code codecs}.
   */
  private static AvcConfiguration h264(TrackFormat.Video source, byte[] header) {
    AvcConfiguration own = AvcConfiguration.fromAnnexB(Unpooled.wrappedBuffer(header), LENGTH_SIZE);
    byte[] wanted = source.configuration();
    byte[] sps = own.sequenceParameterSets().getFirst().clone();
    if (sps[1] == wanted[1] && keeps(sps[1] & 0xFF, wanted[2] & 0xFF)) {
      sps[2] = wanted[2];
    }
    return AvcConfiguration.of(LENGTH_SIZE, List.of(sps), own.pictureParameterSets());
  }

  private static boolean keeps(int profileIdc, int constraints) {
    return switch (profileIdc) {
      // A still in Baseline obeys Main and Extended too.
      case 66 -> (constraints & CONSTRAINT_SET_3) == 0;
      case 77 -> (constraints & ~(CONSTRAINT_SET_1 | FRAMES_ONLY_AND_NO_B)) == 0;
      default -> (constraints & ~FRAMES_ONLY_AND_NO_B) == 0;
    };
  }

  private static TrackFormat.Video with(
      TrackFormat.Video source, String codecs, byte[] configuration) {
    return new TrackFormat.Video(
        source.codec(),
        codecs,
        configuration,
        source.width(),
        source.height(),
        source.sampleAspectRatio(),
        source.frameRate(),
        source.colour(),
        source.rotation());
  }
}
