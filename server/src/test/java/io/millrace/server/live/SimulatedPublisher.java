package io.millrace.server.live;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.timeline.Timeline;
import io.millrace.media.timeline.VideoStamp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A publisher for simulations: a camera and a sound card, RTMP's milliseconds from a random start
 * on, a network with delay and jitter, and the real {@link Timeline} behind it. Every payload says
 * which frame it is and when it was captured.
 */
final class SimulatedPublisher extends PublisherStub {
  static final int PAYLOAD_BYTES = 16;

  /**
   * How it sends.
   *
   * @param configuration another one is another format
   * @param gopFrames of the form 3k + 1 where {@code reordered}
   * @param firstFrame of the first group of pictures; not 0: it begins without a key frame
   * @param audioOffsetUs of the first audio frame behind the first picture's instant
   * @param audioPpm how much too fast the sound card's clock runs
   */
  record Habits(
      int configuration,
      Rational frameRate,
      int gopFrames,
      int firstFrame,
      boolean reordered,
      int sampleRate,
      long audioOffsetUs,
      int audioPpm,
      long latencyUs,
      int jitterUs) {

    static Habits random(Random random, int configuration) {
      boolean reordered = random.nextBoolean();
      int gop = 1 + 3 * (3 + random.nextInt(20));
      return new Habits(
          configuration,
          List.of(new Rational(30, 1), new Rational(30_000, 1001), new Rational(25, 1))
              .get(random.nextInt(3)),
          gop,
          random.nextInt(3) == 0 ? random.nextInt(gop) : 0,
          reordered,
          48_000,
          random.nextInt(120_000),
          random.nextInt(401) - 200,
          5_000 + random.nextInt(250_000),
          1 + random.nextInt(30_000));
    }

    /** Few frames, for long runs. */
    static Habits sparse(Random random) {
      return new Habits(
          0,
          new Rational(5, 1),
          10,
          random.nextInt(10),
          false,
          8_000,
          random.nextInt(100_000),
          random.nextInt(801) - 400,
          5_000 + random.nextInt(250_000),
          1 + random.nextInt(30_000));
    }
  }

  final int number;
  final Habits habits;
  final List<Integer> deliveredVideo = new ArrayList<>();
  final List<Integer> deliveredAudio = new ArrayList<>();
  int firstKey = -1;
  boolean tookOver;
  boolean takenOver;
  boolean silent;

  private final long bornUs;
  private final LongSupplier nowUs;
  private final Random random;
  private final Timeline timeline = new Timeline(Timescale.MILLIS, 32, 0);
  private final long wireStartMs;
  private final Consumer<ByteBuf> allocated;
  private int videoFrame;
  private int audioFrame;
  private long nextArrivalUs;

  /**
   * @param allocated is told of every payload
   */
  SimulatedPublisher(
      int number, Habits habits, LongSupplier nowUs, Random random, Consumer<ByteBuf> allocated) {
    super(Integer.toString(number));
    this.number = number;
    this.habits = habits;
    this.nowUs = nowUs;
    this.bornUs = nowUs.getAsLong();
    this.random = random;
    this.allocated = allocated;
    this.wireStartMs =
        random.nextInt(4) == 0 ? (1L << 32) - random.nextInt(4_000) : random.nextInt();
    this.videoFrame = habits.firstFrame;
    timeline.frameRate(TrackEvent.VIDEO_TRACK, habits.frameRate);
    this.nextArrivalUs = bornUs;
    dispatch();
  }

  TrackFormat.Video videoFormat() {
    byte[] avcC = {1, 0x64, 0, 0x1f, (byte) 0xff, (byte) 0xe0, (byte) habits.configuration};
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        avcC,
        1280,
        720,
        Rational.ONE,
        habits.frameRate,
        Colour.UNSPECIFIED,
        0);
  }

  TrackFormat.Audio audioFormat() {
    return new TrackFormat.Audio(
        AudioCodec.AAC, "mp4a.40.2", new byte[] {0x11, (byte) 0x90}, habits.sampleRate, 2, 1024);
  }

  /** When the next sample arrives. */
  long nextArrivalUs() {
    return nextArrivalUs;
  }

  /** Sends the sample that is due; nothing where it has fallen silent. */
  void send(Consumer<TrackEvent> stream) {
    if (videoUs(videoFrame) <= audioUs(audioFrame)) {
      sendVideo(stream);
      videoFrame++;
    } else {
      sendAudio(stream);
      audioFrame++;
    }
    dispatch();
  }

  void announce(Consumer<TrackEvent> stream) {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, videoFormat()));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audioFormat()));
  }

  private void sendVideo(Consumer<TrackEvent> stream) {
    if (silent) {
      return;
    }
    boolean key = isKey(videoFrame);
    if (key && firstKey < 0) {
      firstKey = videoFrame;
    }
    deliveredVideo.add(videoFrame);
    long dtsMs = ms(videoUs(videoFrame));
    VideoStamp stamp =
        timeline.video(TrackEvent.VIDEO_TRACK, dtsMs, ms(pictureUs(videoFrame)) - dtsMs);
    long lasts =
        Timescale.scale(360_000, habits.frameRate.denominator(), habits.frameRate.numerator());
    stream.accept(
        new Sample(
            TrackEvent.VIDEO_TRACK,
            stamp.dtsTicks(),
            stamp.ptsTicks(),
            lasts,
            key,
            payload(videoFrame, pictureUs(videoFrame))));
  }

  private void sendAudio(Consumer<TrackEvent> stream) {
    if (silent) {
      return;
    }
    deliveredAudio.add(audioFrame);
    long pts =
        timeline.audio(TrackEvent.AUDIO_TRACK, ms(audioUs(audioFrame)), habits.sampleRate, 1024);
    stream.accept(
        new Sample(
            TrackEvent.AUDIO_TRACK,
            pts,
            pts,
            1024,
            true,
            payload(audioFrame, audioUs(audioFrame))));
  }

  private ByteBuf payload(int frame, long capturedUs) {
    ByteBuf payload = Unpooled.buffer(PAYLOAD_BYTES);
    payload.writeInt(number).writeInt(frame).writeLong(capturedUs);
    allocated.accept(payload);
    return payload;
  }

  boolean isKey(int frame) {
    return frame % habits.gopFrames == 0;
  }

  /** When a picture is shown, on the simulation's clock. */
  private long pictureUs(int frame) {
    int inGop = frame % habits.gopFrames;
    int later = !habits.reordered ? 0 : inGop == 0 ? 1 : inGop % 3 == 1 ? 3 : 0;
    return videoUs(frame + later);
  }

  private long videoUs(int frame) {
    return bornUs
        + (frame - habits.firstFrame)
            * 1_000_000L
            * habits.frameRate.denominator()
            / habits.frameRate.numerator();
  }

  /** When an audio frame is captured, on the simulation's clock. */
  long audioUs(int frame) {
    long us = frame * 1024L * 1_000_000 / habits.sampleRate;
    return bornUs + habits.audioOffsetUs + us - us / 1_000 * habits.audioPpm / 1_000;
  }

  private long ms(long us) {
    return wireStartMs + Math.floorDiv(us - bornUs, 1_000);
  }

  /** Puts the next sample on the wire. It is one connection: nothing overtakes. */
  private void dispatch() {
    long sentUs = Math.min(videoUs(videoFrame), audioUs(audioFrame));
    nextArrivalUs =
        Math.max(nextArrivalUs, sentUs + habits.latencyUs + random.nextInt(habits.jitterUs));
  }

  @Override
  public long lastMediaNanos() {
    return nowUs.getAsLong() * 1_000;
  }
}
