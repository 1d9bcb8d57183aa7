package io.millrace.loadtest.quality;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.Engine;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.VideoCodec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * An encoder as a rung of a ladder sets it up, at several rates or qualities: one curve.
 *
 * <p>Written {@code CODEC:PROFILE:PRESET:RATE:POINTS[:BFRAMES[:TUNE]]}, by the words of a rung in a
 * configuration file; the points are kbit/s, or qualities where the rate is {@code capped-crf}.
 *
 * @param rate never {@link RateMode#PROFILE}
 * @param bFrames {@link EncoderOptions#UNSET} for the profile's own
 * @param points from the left of the curve to the right: growing rates, falling {@code crf}
 */
record Contender(
    VideoCodec codec,
    Profile profile,
    String preset,
    RateMode rate,
    int bFrames,
    Tune tune,
    List<Integer> points) {
  private static final String FORM = "CODEC:PROFILE:PRESET:RATE:POINTS[:BFRAMES[:TUNE]]";

  Contender {
    points = List.copyOf(points);
    if (points.size() < 2) {
      throw new IllegalArgumentException("a curve takes two points or more");
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  static Contender parse(String text) {
    String[] fields = text.split(":", -1);
    if (fields.length < 5 || fields.length > 7) {
      throw new IllegalArgumentException("not " + FORM + ": " + text);
    }
    VideoCodec codec = VideoCodec.valueOf(fields[0].toUpperCase(Locale.ROOT));
    Profile profile = Profile.valueOf(fields[1].toUpperCase(Locale.ROOT));
    RateMode rate = RateMode.valueOf(fields[3].toUpperCase(Locale.ROOT).replace('-', '_'));
    List<Integer> points = Arrays.stream(fields[4].split(",", -1)).map(Integer::valueOf).toList();
    RateMode inForce = EncoderOptions.DEFAULT.withRate(rate, EncoderOptions.UNSET).rate(profile);
    int bFrames =
        fields.length > 5 && !fields[5].isEmpty()
            ? Integer.parseInt(fields[5])
            : EncoderOptions.UNSET;
    Tune tune =
        fields.length > 6
            ? Tune.valueOf(fields[6].toUpperCase(Locale.ROOT).replace('-', '_'))
            : Tune.NONE;
    Contender contender = new Contender(codec, profile, fields[2], inForce, bFrames, tune, points);
    points.forEach(point -> contender.rung(720, point, 1_000_000));
    return contender;
  }

  /** As {@link #parse} reads it. */
  String spec() {
    String plain =
        String.join(
            ":",
            word(codec),
            word(profile),
            preset,
            word(rate),
            points.stream().map(String::valueOf).collect(Collectors.joining(",")));
    String between = bFrames == EncoderOptions.UNSET ? "" : Integer.toString(bFrames);
    String more = tune == Tune.NONE ? between : between + ":" + word(tune);
    return more.isEmpty() ? plain : plain + ":" + more;
  }

  /** For people, such as {@code H.264 veryfast, quality, vbr}. */
  String label() {
    String name = codec == VideoCodec.H264 ? "H.264" : codec.name();
    String speed = Engine.of(codec) == Engine.SVT_AV1 ? "preset " + preset : preset;
    String between = bFrames == EncoderOptions.UNSET ? "" : ", bframes " + bFrames;
    String tuned = tune == Tune.NONE ? "" : ", " + word(tune);
    return name + " " + speed + ", " + word(profile) + ", " + word(rate) + between + tuned;
  }

  /** The point in the middle, at which delay is measured. */
  int middle() {
    return points.get(points.size() / 2);
  }

  /**
   * The rung of one point.
   *
   * @param capBps of {@code capped-crf}
   * @throws IllegalArgumentException where the rules of a configuration file forbid it
   */
  VideoRung rung(int heightPx, int point, long capBps) {
    boolean capped = rate == RateMode.CAPPED_CRF;
    EncoderOptions options =
        EncoderOptions.DEFAULT
            .withRate(rate, capped ? point : EncoderOptions.UNSET)
            .withBFrames(bFrames)
            .withTune(tune);
    return new VideoRung(
        "rung", codec, heightPx, capped ? capBps : point * 1000L, preset, profile, null, options);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
