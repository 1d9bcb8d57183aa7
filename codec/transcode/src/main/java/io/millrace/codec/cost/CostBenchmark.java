package io.millrace.codec.cost;

import static java.util.Objects.requireNonNull;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.Profile;
import io.millrace.codec.VideoDecoder;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ffmpeg.FfmpegAudioEncoder;
import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.codec.ffmpeg.PictureScaler;
import io.millrace.codec.ladder.EncoderThreads;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what the encoders of this machine cost, in CPU time: camera-like pictures take the way
 * that a live source takes, encoded, decoded, scaled to three sizes, and encoded again with the
 * presets that people use. Ten to twenty seconds on one core.
 *
 * <p>Runs on the calling thread, whose priority the encoders' threads inherit.
 */
public final class CostBenchmark {
  private static final Logger LOG = LoggerFactory.getLogger(CostBenchmark.class);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Colour COLOUR = new Colour(1, 1, 1, false);
  private static final Rational RATE = new Rational(30, 1);
  private static final int FRAME_TICKS = 12_000;
  private static final int KEY_INTERVAL = 60;
  private static final double NANOS = 1e-9;

  /** What is drawn; encoders see it forwards and backwards. */
  private static final int DRAWN = 16;

  private static final int SOURCE_WIDTH = 1920;
  private static final int SOURCE_HEIGHT = 1080;
  private static final long SOURCE_BPS = 6_000_000;

  private static final int SOUND_RATE = 48_000;
  private static final int SOUND_SECONDS = 4;

  /** A size that is measured, with a usual bit rate. */
  private enum Size {
    P360(640, 360, 700_000, 400_000, 64),
    P720(1280, 720, 2_500_000, 1_500_000, 40),
    P1080(1920, 1080, 4_500_000, 2_500_000, 24);

    private final int width;
    private final int height;
    private final long h264Bps;
    private final long av1Bps;
    private final int pictures;

    Size(int width, int height, long h264Bps, long av1Bps, int pictures) {
      this.width = width;
      this.height = height;
      this.h264Bps = h264Bps;
      this.av1Bps = av1Bps;
      this.pictures = pictures;
    }

    long pixels() {
      return (long) width * height;
    }
  }

  /** Presets of one codec and profile; the largest size only of the first of them. */
  private record Series(VideoCodec codec, Profile profile, List<String> presets) {}

  private static final List<Series> SERIES =
      List.of(
          new Series(
              VideoCodec.H264,
              Profile.FAST,
              List.of("veryfast", "superfast", "ultrafast", "medium")),
          new Series(
              VideoCodec.H264,
              Profile.QUALITY,
              List.of("veryfast", "superfast", "ultrafast", "medium")),
          new Series(VideoCodec.AV1, Profile.FAST, List.of("11", "12", "9")),
          new Series(VideoCodec.AV1, Profile.QUALITY, List.of("10", "12", "8")));

  private final VideoEncoders encoders;
  private final Consumer<String> progress;
  private final NativeAccount account = new NativeAccount();

  /**
   * @param progress told what is being measured, a few words each
   */
  public CostBenchmark(VideoEncoders encoders, Consumer<String> progress) {
    this.encoders = encoders;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @throws CodecException where H.264 cannot be encoded or decoded; a codec that is not there is
   *     left out
   */
  public Costs run() {
    List<EncoderCost> costs = new ArrayList<>();
    List<PixelCost> decoding = new ArrayList<>();
    List<PixelCost> scaling = new ArrayList<>();
    Map<Size, List<Picture>> pictures = new HashMap<>();
    try {
      progress.accept("decoding and scaling");
      makePictures(pictures, decoding, scaling);
      for (Series series : SERIES) {
        progress.accept(
            series.codec + ", profile " + series.profile.name().toLowerCase(Locale.ROOT));
        measure(series, pictures, costs);
      }
    } finally {
      pictures.values().forEach(all -> all.forEach(Picture::release));
    }
    decoding.sort(Comparator.comparingLong(PixelCost::pixels));
    scaling.sort(Comparator.comparingLong(PixelCost::pixels));
    progress.accept("sound");
    return new Costs(costs, decoding, scaling, soundSecond());
  }

  private void measure(Series series, Map<Size, List<Picture>> pictures, List<EncoderCost> costs) {
    for (String preset : series.presets) {
      for (Size size : Size.values()) {
        if (size == Size.P1080 && !preset.equals(series.presets.getFirst())) {
          continue;
        }
        try {
          costs.add(measure(series, preset, size, requireNonNull(pictures.get(size))));
        } catch (CodecException e) {
          LOG.atWarn()
              .addKeyValue("codec", series.codec)
              .addKeyValue("preset", preset)
              .setCause(e)
              .log("encoder not measured");
        }
      }
    }
  }

  private EncoderCost measure(Series series, String preset, Size size, List<Picture> pictures) {
    EncoderSettings settings =
        new EncoderSettings(
            series.codec,
            series.profile,
            size.width,
            size.height,
            RATE,
            series.codec == VideoCodec.AV1 ? size.av1Bps : size.h264Bps,
            preset,
            KEY_INTERVAL,
            COLOUR);
    var opened = EncoderThreads.watch(() -> encoders.open(settings, account));
    try (VideoEncoder encoder = opened.value()) {
      long startNs = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < size.pictures; i++) {
        encoder.encode(
            pictures.get(there(i)), (long) i * FRAME_TICKS, i == 0, CostBenchmark::discard);
      }
      encoder.drain(CostBenchmark::discard);
      long spentNs = THREADS.getCurrentThreadCpuTime() - startNs + opened.threads().cpuNs();
      return new EncoderCost(
          series.codec,
          series.profile,
          preset,
          size.pixels(),
          Math.max(1, spentNs) * NANOS / size.pictures);
    }
  }

  /** Forwards and backwards. */
  private static int there(int i) {
    int place = i % (2 * DRAWN - 2);
    return place < DRAWN ? place : 2 * DRAWN - 2 - place;
  }

  private static void discard(ByteBuf payload, long ptsTicks, long dtsTicks, boolean key) {
    payload.release();
  }

  // ---------------------------------------------------------------- pictures

  private void makePictures(
      Map<Size, List<Picture>> pictures, List<PixelCost> decoding, List<PixelCost> scaling) {
    EncoderSettings settings =
        new EncoderSettings(
            VideoCodec.H264,
            Profile.QUALITY,
            SOURCE_WIDTH,
            SOURCE_HEIGHT,
            RATE,
            SOURCE_BPS,
            "veryfast",
            KEY_INTERVAL,
            COLOUR);
    List<TrackEvent.Sample> coded = new ArrayList<>();
    try (PicturePool pool = new PicturePool(SOURCE_WIDTH, SOURCE_HEIGHT, account);
        VideoEncoder encoder = encoders.open(settings, account)) {
      CameraPictures camera = new CameraPictures(SOURCE_WIDTH, SOURCE_HEIGHT);
      VideoEncoder.Output output =
          (payload, pts, dts, key) ->
              coded.add(
                  new TrackEvent.Sample(
                      TrackEvent.VIDEO_TRACK, dts, pts, FRAME_TICKS, key, payload));
      for (int i = 0; i < DRAWN; i++) {
        Picture picture = camera.draw(pool, i);
        encoder.encode(picture, (long) i * FRAME_TICKS, i == 0, output);
        picture.release();
      }
      encoder.drain(output);
      decode(encoder.format(), coded, pictures, decoding, scaling);
    } finally {
      coded.forEach(TrackEvent::release);
    }
  }

  private void decode(
      TrackFormat.Video format,
      List<TrackEvent.Sample> coded,
      Map<Size, List<Picture>> pictures,
      List<PixelCost> decoding,
      List<PixelCost> scaling) {
    Map<Size, PictureScaler> scalers = new HashMap<>();
    Map<Size, Long> scaledNs = new HashMap<>();
    for (Size size : Size.values()) {
      scalers.put(size, new PictureScaler(size.width, size.height, 0, account));
      pictures.put(size, new ArrayList<>());
    }
    long startNs = THREADS.getCurrentThreadCpuTime();
    try (VideoDecoder decoder = new FfmpegVideoDecoder(format, account)) {
      VideoDecoder.Output output =
          (frame, _, _) -> {
            try {
              for (Size size : Size.values()) {
                long beforeNs = THREADS.getCurrentThreadCpuTime();
                Picture scaled = requireNonNull(scalers.get(size)).convert(frame, COLOUR);
                requireNonNull(pictures.get(size)).add(scaled);
                scaledNs.merge(size, THREADS.getCurrentThreadCpuTime() - beforeNs, Long::sum);
              }
            } finally {
              frame.release();
            }
          };
      for (TrackEvent.Sample sample : coded) {
        decoder.decode(sample, output);
      }
      decoder.drain(output);
    } finally {
      scalers.values().forEach(PictureScaler::close);
    }
    long allNs = THREADS.getCurrentThreadCpuTime() - startNs;
    if (requireNonNull(pictures.get(Size.P360)).size() != DRAWN) {
      throw new CodecException("the benchmark's own pictures do not decode");
    }
    long scalingNs = scaledNs.values().stream().mapToLong(Long::longValue).sum();
    decoding.add(
        new PixelCost(Size.P1080.pixels(), Math.max(1, allNs - scalingNs) * NANOS / DRAWN));
    for (Size size : List.of(Size.P360, Size.P720)) {
      scaling.add(
          new PixelCost(
              Size.P1080.pixels() + size.pixels(),
              Math.max(1, scaledNs.getOrDefault(size, 0L)) * NANOS / DRAWN));
    }
  }

  // ---------------------------------------------------------------- sound

  private double soundSecond() {
    try (FfmpegAudioEncoder encoder = FfmpegAudioEncoder.aac(SOUND_RATE, 2, 128_000, account)) {
      int frame = encoder.format().samplesPerFrame();
      float[][] samples = new float[2][frame];
      SplittableRandom random = new SplittableRandom(1);
      long spentNs = 0;
      long frames = (long) SOUND_SECONDS * SOUND_RATE / frame;
      for (long i = 0; i < frames; i++) {
        for (int sample = 0; sample < frame; sample++) {
          double tone = 0.3 * Math.sin((i * frame + sample) * 0.0576);
          samples[0][sample] = (float) (tone + 0.05 * random.nextGaussian());
          samples[1][sample] = (float) (tone - 0.05 * random.nextGaussian());
        }
        long startNs = THREADS.getCurrentThreadCpuTime();
        encoder.encode(samples, i * frame, (payload, _) -> payload.release());
        spentNs += THREADS.getCurrentThreadCpuTime() - startNs;
      }
      return spentNs * NANOS / SOUND_SECONDS;
    }
  }
}
