package io.millrace.codec.worker;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.Engine;
import io.millrace.codec.Fallback;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.List;

/** One of every message, and more where they differ inside. */
final class Messages {
  static final TrackFormat.Video VIDEO =
      new TrackFormat.Video(
          VideoCodec.HEVC,
          "hvc1.1.6.L93.B0",
          new byte[] {1, 2, 3},
          1280,
          720,
          new Rational(4, 3),
          new Rational(30_000, 1001),
          new Colour(
              1,
              13,
              6,
              true,
              new Hdr(
                  new Hdr.MasteringDisplay(1, 2, 3, 4, 5, 6, 7, 8, 10_000_000, 50),
                  new Hdr.ContentLight(1200, 400))),
          90);

  static final TrackFormat.Audio AUDIO =
      new TrackFormat.Audio(AudioCodec.OPUS, "Opus", new byte[] {9}, 48_000, 2, 960, "pt-BR");

  private Messages() {}

  static List<Message> all() {
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("720p", VideoCodec.H264, 720, 2_500_000, Profile.QUALITY),
                new VideoRung(
                    "target",
                    VideoCodec.H264,
                    480,
                    2_000_000,
                    "veryfast",
                    Profile.QUALITY,
                    null,
                    EncoderOptions.DEFAULT.withRate(RateMode.CAPPED_CRF, 24).withVmaf(93)),
                new VideoRung(
                    "av1", VideoCodec.AV1, 360, 400_000, "11", Profile.FAST, new Rational(25, 1)),
                new VideoRung(
                    "hevc",
                    VideoCodec.HEVC,
                    360,
                    400_000,
                    "p3",
                    Profile.QUALITY,
                    null,
                    new EncoderOptions(
                        Engine.NVENC,
                        Fallback.SOFTWARE,
                        RateMode.VBR,
                        -1,
                        2,
                        1000,
                        Tune.NONE,
                        -1))),
            AudioRung.opus(96_000).withLoudness(-23.0),
            Ladder.HdrMode.PASSTHROUGH,
            Ladder.Upscale.CLAMP,
            List.of("av1", "720p"));
    RungStats rung =
        new RungStats(
            "720p",
            "libx264",
            9,
            8,
            1,
            2,
            12_345,
            77,
            66,
            1.5,
            3,
            true,
            false,
            "superfast",
            true,
            27,
            92.5);
    return List.of(
        new Message.Hello(Wire.VERSION, new byte[] {1, 2, 3, 4}),
        new Message.Open("live/a", ladder, VIDEO, null, null),
        new Message.Open("live/ü", new Ladder(List.of(), null), VIDEO, "/opt/lib.so", "/opt/vmaf"),
        new Message.Ready(),
        event(new TrackEvent.Format(0, VIDEO)),
        event(new TrackEvent.Format(1, AUDIO)),
        event(new TrackEvent.Boundary(7, -3, Instant.ofEpochSecond(5, 6), true, 72_000)),
        event(
            new TrackEvent.Sample(
                0, -1, 2, 12_000, true, Unpooled.wrappedBuffer(new byte[] {5, 6, 7}))),
        event(new TrackEvent.Discontinuity("jump")),
        event(new TrackEvent.End("over")),
        new Message.Credit(4096),
        new Message.Stats(new TranscoderStats(1, 2, 3, 4, 5, 6, 7, List.of(rung))),
        new Message.RungFailed(3, "no encoder"),
        new Message.SourceFailed("no decoder"),
        new Message.Want(1, true, new RungPace(2, true)),
        new Message.Change(ladder, VIDEO, List.of(4, 0, 2, 9, 63)),
        new Message.Change(new Ladder(List.of(), AudioRung.PASSTHROUGH), VIDEO, List.of()));
  }

  private static Message event(TrackEvent event) {
    return new Message.Event(2, event);
  }

  /**
   * Everything that it says, so that two can be compared: arrays and buffers by what is in them.
   */
  static String dump(Message message) {
    return switch (message) {
      case Message.Hello hello -> "hello " + hello.version() + " " + hello.token().length;
      case Message.Open open ->
          "open " + open + " " + java.util.Arrays.toString(open.source().configuration());
      case Message.Event(int lane, TrackEvent.Sample sample) ->
          "sample "
              + lane
              + " "
              + sample.track()
              + " "
              + sample.dtsTicks()
              + " "
              + sample.ptsTicks()
              + " "
              + sample.durationTicks()
              + " "
              + sample.key()
              + " "
              + io.netty.buffer.ByteBufUtil.hexDump(sample.payload());
      case Message.Event(int lane, TrackEvent.Format format) ->
          "format "
              + lane
              + " "
              + format.track()
              + " "
              + format.format().hashCode()
              + " "
              + format.format();
      case Message.Event event -> "event " + event;
      case Message.Ready _,
          Message.Credit _,
          Message.Stats _,
          Message.RungFailed _,
          Message.SourceFailed _,
          Message.Want _,
          Message.Change _ ->
          message.toString();
    };
  }

  static void release(Message message) {
    if (message instanceof Message.Event(int _, TrackEvent event)) {
      event.release();
    }
  }
}
