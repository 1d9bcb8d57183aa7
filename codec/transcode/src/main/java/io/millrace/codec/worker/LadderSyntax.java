package io.millrace.codec.worker;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.Engine;
import io.millrace.codec.Fallback;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.AudioCodec;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ladders, and what they have done. */
final class LadderSyntax {
  private static final int MAX_CRF = 63;
  private static final int MAX_B_FRAMES = 16;

  private LadderSyntax() {}

  static void write(WireWriter out, Ladder ladder) {
    out.i32(ladder.video().size());
    for (VideoRung rung : ladder.video()) {
      out.text(rung.name())
          .word(rung.codec())
          .i32(rung.heightPx())
          .i64(rung.bitrateBps())
          .text(rung.preset())
          .word(rung.profile())
          .flag(rung.maxFrameRate() != null);
      if (rung.maxFrameRate() != null) {
        FormatSyntax.writeRate(out, rung.maxFrameRate());
      }
      write(out, rung.options());
    }
    AudioRung audio = ladder.audio();
    out.flag(audio != null);
    if (audio != null) {
      Double loudness = audio.loudnessLufs();
      out.flag(audio.passthrough()).word(audio.codec()).i64(audio.bitrateBps());
      out.flag(loudness != null).real(loudness == null ? 0 : loudness);
    }
    out.word(ladder.hdr()).word(ladder.upscale()).i32(ladder.shed().size());
    ladder.shed().forEach(out::text);
  }

  private static void write(WireWriter out, EncoderOptions options) {
    out.word(options.engine())
        .word(options.fallback())
        .word(options.rate())
        .i32(options.crf())
        .i32(options.bFrames())
        .i32(options.keyEveryMs())
        .word(options.tune())
        .i32(options.vmaf());
  }

  private static EncoderOptions readOptions(WireReader in) throws WireException {
    return new EncoderOptions(
        in.word(Engine.class),
        in.word(Fallback.class),
        in.word(RateMode.class),
        FormatSyntax.within("crf", in.i32(), EncoderOptions.UNSET, MAX_CRF),
        FormatSyntax.within("B-frames", in.i32(), EncoderOptions.UNSET, MAX_B_FRAMES),
        in.i32(),
        in.word(Tune.class),
        in.i32());
  }

  private static @Nullable AudioRung readAudio(WireReader in) throws WireException {
    if (!in.flag()) {
      return null;
    }
    boolean passthrough = in.flag();
    AudioCodec codec = in.word(AudioCodec.class);
    long bitrateBps = in.i64();
    boolean loud = in.flag();
    double lufs = in.real();
    return new AudioRung(passthrough, codec, bitrateBps, loud ? lufs : null);
  }

  static Ladder read(WireReader in) throws WireException {
    List<VideoRung> rungs = new ArrayList<>();
    int count = in.count(Wire.MAX_RUNGS - 1);
    try {
      for (int i = 0; i < count; i++) {
        String name = in.text();
        VideoCodec codec = in.word(VideoCodec.class);
        int heightPx = in.i32();
        long bitrateBps = in.i64();
        String preset = in.text();
        Profile profile = in.word(Profile.class);
        Rational most = in.flag() ? FormatSyntax.readRate(in) : null;
        rungs.add(
            new VideoRung(
                name, codec, heightPx, bitrateBps, preset, profile, most, readOptions(in)));
      }
      AudioRung audio = readAudio(in);
      Ladder.HdrMode hdr = in.word(Ladder.HdrMode.class);
      Ladder.Upscale upscale = in.word(Ladder.Upscale.class);
      List<String> shed = new ArrayList<>();
      for (int left = in.count(Wire.MAX_RUNGS); left > 0; left--) {
        shed.add(in.text());
      }
      return new Ladder(rungs, audio, hdr, upscale, shed);
    } catch (IllegalArgumentException e) {
      throw new WireException("a ladder that is none: " + e.getMessage());
    }
  }

  static void write(WireWriter out, TranscoderStats stats) {
    out.i64(stats.picturesDecoded())
        .i64(stats.samplesDamaged())
        .i64(stats.decodeNs())
        .i64(stats.scaleNs())
        .i64(stats.pictureBytes())
        .i64(stats.nativeHandles())
        .i64(stats.samplesWaiting())
        .i32(stats.rungs().size());
    for (RungStats rung : stats.rungs()) {
      out.text(rung.name())
          .text(rung.engine())
          .i64(rung.picturesIn())
          .i64(rung.picturesOut())
          .i64(rung.picturesDropped())
          .i64(rung.keyFrames())
          .i64(rung.bytesOut())
          .i64(rung.encodeWallNs())
          .i64(rung.encodeCpuNs())
          .real(rung.realTimeFactor())
          .i32(rung.queueDepth())
          .flag(rung.paused())
          .flag(rung.failed())
          .text(rung.preset())
          .flag(rung.halfRate())
          .i32(rung.crf())
          .real(rung.vmaf());
    }
  }

  static TranscoderStats readStats(WireReader in) throws WireException {
    long decoded = in.i64();
    long damaged = in.i64();
    long decodeNs = in.i64();
    long scaleNs = in.i64();
    long pictureBytes = in.i64();
    long handles = in.i64();
    long waiting = in.i64();
    List<RungStats> rungs = new ArrayList<>();
    int count = in.count(Wire.MAX_RUNGS);
    for (int i = 0; i < count; i++) {
      rungs.add(
          new RungStats(
              in.text(), in.text(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(),
              in.i64(), in.real(), in.i32(), in.flag(), in.flag(), in.text(), in.flag(), in.i32(),
              in.real()));
    }
    return new TranscoderStats(
        decoded, damaged, decodeNs, scaleNs, pictureBytes, handles, waiting, List.copyOf(rungs));
  }
}
