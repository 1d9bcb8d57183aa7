package io.millrace.packager;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.Hdr.ContentLight;
import io.millrace.media.Hdr.MasteringDisplay;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.HexFormat;

/** Formats and events that tests feed in. Payloads are not decodable. */
public final class Tracks {
  public static final Instant EPOCH = Instant.parse("2026-11-21T10:00:00.250Z");
  public static final long SECOND = 360_000;
  public static final long FRAME_30 = 12_000;
  public static final int AAC_FRAME = 1024;

  private static final Rational FPS_30 = new Rational(30, 1);
  private static final Colour BT709 = new Colour(1, 1, 1, false);

  private Tracks() {}

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  public static TrackFormat.Video h264(int width, int height) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        hex("0164001fffe1000e6764001facd9405005bb011000000300100000030000"),
        width,
        height,
        Rational.ONE,
        FPS_30,
        BT709,
        0);
  }

  public static TrackFormat.Video av1(int width, int height) {
    return new TrackFormat.Video(
        VideoCodec.AV1,
        "av01.0.05M.08",
        hex("81050c000a0b00000004"),
        width,
        height,
        Rational.ONE,
        FPS_30,
        BT709,
        0);
  }

  public static TrackFormat.Video av1Hdr() {
    return new TrackFormat.Video(
        VideoCodec.AV1,
        "av01.0.08M.10.0.110.09.16.09.0",
        hex("81084c000a0b00000004"),
        1920,
        1080,
        Rational.ONE,
        new Rational(60_000, 1001),
        new Colour(9, 16, 9, false),
        0);
  }

  /** HDR10, with what it was graded on. */
  public static TrackFormat.Video hevcHdr() {
    Hdr hdr =
        new Hdr(
            new MasteringDisplay(
                35_400, 14_600, 8_500, 39_850, 6_550, 2_300, 15_635, 16_450, 10_000_000, 50),
            new ContentLight(1000, 400));
    return new TrackFormat.Video(
        VideoCodec.HEVC,
        "hvc1.2.4.L150.90",
        hex(
            "0102200000009000000000003cf000fcfdfafa00000f03a00001001840010c01ffff022000000300900000"
                + "03000003003c959409a10001002e42010102200000030090000003000003003ca00a080c1f3b6595"
                + "952930bc05a848804820000003002000000303c1a2000100064401c073c189"),
        3840,
        2160,
        Rational.ONE,
        new Rational(50, 1),
        new Colour(9, Colour.TRANSFER_PQ, 9, false, hdr),
        0);
  }

  public static TrackFormat.Video vp9(int width, int height) {
    return new TrackFormat.Video(
        VideoCodec.VP9,
        "vp09.00.31.08",
        hex("001f820101010000"),
        width,
        height,
        Rational.ONE,
        FPS_30,
        BT709,
        0);
  }

  /** Anamorphic, to be turned, with nothing known of colour and frame rate. */
  public static TrackFormat.Video h264Turned(int rotation) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.42e01e",
        hex("0142e01effe1000467420001010000"),
        720,
        576,
        new Rational(16, 15),
        null,
        Colour.UNSPECIFIED,
        rotation);
  }

  public static TrackFormat.Audio aac(int sampleRate, int channels) {
    return new TrackFormat.Audio(
        AudioCodec.AAC, "mp4a.40.2", hex("1190"), sampleRate, channels, AAC_FRAME);
  }

  public static TrackFormat.Audio opus() {
    return new TrackFormat.Audio(
        AudioCodec.OPUS, "opus", hex("00020138000bb8000000" + "00"), 48_000, 2, 960);
  }

  public static TrackFormat.Audio mp3(int sampleRate) {
    return new TrackFormat.Audio(
        AudioCodec.MP3, "mp4a.6B", new byte[0], sampleRate, 2, sampleRate < 32_000 ? 576 : 1152);
  }

  public static Format video(TrackFormat.Video format) {
    return new Format(TrackEvent.VIDEO_TRACK, format);
  }

  public static Format audio(TrackFormat.Audio format) {
    return new Format(TrackEvent.AUDIO_TRACK, format);
  }

  public static Boundary boundary(long sequence, long startTicks) {
    return new Boundary(sequence, startTicks, EPOCH, false);
  }

  /** A segment of parts. */
  public static Boundary boundary(long sequence, long startTicks, long partTicks) {
    return new Boundary(sequence, startTicks, EPOCH, false, partTicks);
  }

  public static Boundary discontinuity(long sequence, long startTicks) {
    return new Boundary(sequence, startTicks, EPOCH, true);
  }

  public static Sample frame(long dtsTicks, long ptsTicks, boolean key, int sizeBytes) {
    return frame(dtsTicks, ptsTicks, key, payload(dtsTicks, sizeBytes));
  }

  public static Sample frame(long dtsTicks, long ptsTicks, boolean key, ByteBuf payload) {
    return new Sample(TrackEvent.VIDEO_TRACK, dtsTicks, ptsTicks, FRAME_30, key, payload);
  }

  public static Sample sound(long ptsTicks, int sizeBytes) {
    return new Sample(
        TrackEvent.AUDIO_TRACK, ptsTicks, ptsTicks, AAC_FRAME, true, payload(ptsTicks, sizeBytes));
  }

  private static ByteBuf payload(long seed, int sizeBytes) {
    ByteBuf payload = Unpooled.buffer(sizeBytes);
    for (int i = 0; i < sizeBytes; i++) {
      payload.writeByte((int) (seed * 31 + i));
    }
    return payload;
  }

  /** A closed GOP without reordering: {@code frames} pictures at 30 fps, the first one a key. */
  public static void gop(TrackSink sink, long startTicks, int frames, int sizeBytes) {
    for (int i = 0; i < frames; i++) {
      long ticks = startTicks + i * FRAME_30;
      sink.accept(frame(ticks, ticks, i == 0, sizeBytes));
    }
  }

  /**
   * A segment of video: a boundary and a GOP of whole seconds.
   *
   * @param seconds where it starts, and it lasts 2 s
   */
  public static void segment(TrackSink sink, long sequence, long seconds, int sizeBytes) {
    sink.accept(boundary(sequence, seconds * SECOND));
    gop(sink, seconds * SECOND, 60, sizeBytes);
  }

  /** AAC frames that start in {@code [from, to)} seconds at 48 kHz, on one grid from 0. */
  public static void sounds(TrackSink sink, double fromSeconds, double toSeconds, int sizeBytes) {
    long from = (long) Math.ceil(fromSeconds * 48_000 / AAC_FRAME);
    for (long i = from; i * AAC_FRAME < toSeconds * 48_000; i++) {
      sink.accept(sound(i * AAC_FRAME, sizeBytes));
    }
  }
}
