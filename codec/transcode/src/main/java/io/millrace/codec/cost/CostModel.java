package io.millrace.codec.cost;

import io.millrace.codec.Engine;
import io.millrace.codec.Presets;
import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Predicts what encoding costs from what a benchmark has measured: between measured sizes on a
 * straight line of logarithms, beyond them as the size that was measured most says; between
 * measured presets along the shape that presets have everywhere. Pictures cost the same at every
 * frame rate. Immutable.
 */
public final class CostModel {
  private static final Rational UNKNOWN_RATE = new Rational(30, 1);

  private final Map<Family, TreeMap<Double, Line>> families = new HashMap<>();
  private final Costs costs;

  private record Family(VideoCodec codec, Profile profile) {}

  /** One preset's costs by size. */
  private record Line(String preset, List<EncoderCost> bySize) {
    double at(long pixels, Line fullest) {
      EncoderCost smallest = bySize.getFirst();
      EncoderCost largest = bySize.getLast();
      if (pixels > largest.pixels() && fullest != this) {
        return largest.pictureSeconds()
            * (fullest.at(pixels, fullest) / fullest.at(largest.pixels(), fullest));
      }
      if (bySize.size() == 1) {
        return smallest.pictureSeconds() * pixels / smallest.pixels();
      }
      int above = 1;
      while (above < bySize.size() - 1 && bySize.get(above).pixels() < pixels) {
        above++;
      }
      EncoderCost from = bySize.get(above - 1);
      EncoderCost to = bySize.get(above);
      double way =
          Math.log((double) pixels / from.pixels())
              / Math.log((double) to.pixels() / from.pixels());
      return from.pictureSeconds() * Math.pow(to.pictureSeconds() / from.pictureSeconds(), way);
    }
  }

  public CostModel(Costs costs) {
    this.costs = costs;
    Map<Family, Map<String, List<EncoderCost>>> measured = new HashMap<>();
    for (EncoderCost cost : costs.encoders()) {
      measured
          .computeIfAbsent(new Family(cost.codec(), cost.profile()), _ -> new HashMap<>())
          .computeIfAbsent(cost.preset(), _ -> new ArrayList<>())
          .add(cost);
    }
    measured.forEach(
        (family, presets) -> {
          TreeMap<Double, Line> lines = new TreeMap<>();
          presets.forEach(
              (preset, bySize) -> {
                bySize.sort(Comparator.comparingLong(EncoderCost::pixels));
                lines.put(PresetShape.of(family.codec, preset), new Line(preset, bySize));
              });
          families.put(family, lines);
        });
  }

  /**
   * CPU seconds for one picture; empty for a codec that was not measured.
   *
   * @param preset one that {@link io.millrace.codec.Presets} knows
   */
  public OptionalDouble pictureSeconds(
      VideoCodec codec, Profile profile, String preset, int width, int height) {
    TreeMap<Double, Line> lines = families.get(new Family(codec, profile));
    if (lines == null) {
      return OptionalDouble.empty();
    }
    long pixels = (long) width * height;
    Line fullest =
        lines.values().stream()
            .max(Comparator.comparingLong((Line line) -> line.bySize.getLast().pixels()))
            .orElseThrow();
    double shape = PresetShape.of(codec, preset);
    var faster = lines.floorEntry(shape);
    var slower = lines.ceilingEntry(shape);
    if (faster == null || slower == null) {
      var nearest = Objects.requireNonNull(faster == null ? slower : faster);
      return OptionalDouble.of(nearest.getValue().at(pixels, fullest) * (shape / nearest.getKey()));
    }
    double low = faster.getValue().at(pixels, fullest);
    double high = slower.getValue().at(pixels, fullest);
    if (faster.getKey().equals(slower.getKey())) {
      return OptionalDouble.of(low);
    }
    double way = Math.log(shape / faster.getKey()) / Math.log(slower.getKey() / faster.getKey());
    return OptionalDouble.of(low * Math.pow(high / low, way));
  }

  /** CPU seconds that a rung takes for a second of content; empty where that is not known. */
  public OptionalDouble cores(PlannedRung planned, RungPace pace) {
    VideoRung rung = planned.rung();
    OptionalDouble picture =
        pictureSeconds(
            rung.codec(),
            rung.profile(),
            Presets.faster(rung.engine(), rung.preset(), pace.faster()),
            planned.width(),
            planned.height());
    return picture.isEmpty()
        ? picture
        : OptionalDouble.of(picture.getAsDouble() * rate(planned, pace));
  }

  /**
   * What a rung takes at one pace beside what it takes at another, on machines in general: for one
   * that was not measured. Of presets only.
   */
  public static double usualRatio(VideoRung rung, RungPace from, RungPace to) {
    VideoCodec codec = rung.codec();
    Engine engine = rung.engine();
    return PresetShape.of(codec, Presets.faster(engine, rung.preset(), to.faster()))
        / PresetShape.of(codec, Presets.faster(engine, rung.preset(), from.faster()));
  }

  /**
   * What a ladder takes.
   *
   * @param plan for its source; sources other than H.264 are decoded at about the same cost
   */
  public LadderCost ladder(LadderPlan plan) {
    return ladder(plan, Set.of(), RungPace.FULL);
  }

  /**
   * As {@link #ladder(LadderPlan)}, of what is left of it.
   *
   * @param paused rungs that are not encoded; they take nothing
   * @param pace of all the others
   */
  public LadderCost ladder(LadderPlan plan, Set<String> paused, RungPace pace) {
    TrackFormat.Video source = plan.source();
    Map<Long, Double> rateBySize = new HashMap<>();
    List<RungCost> rungs = new ArrayList<>();
    boolean decodes = false;
    for (PlannedRung planned : plan.rungs()) {
      if (paused.contains(planned.rung().name())) {
        rungs.add(new RungCost(planned, OptionalDouble.of(0)));
        continue;
      }
      decodes = true;
      rungs.add(new RungCost(planned, cores(planned, pace)));
      long pixels = (long) planned.width() * planned.height();
      if (pixels != pixels(source)) {
        rateBySize.merge(pixels, rate(planned, pace), Math::max);
      }
    }
    double decode = decodes ? at(costs.decoding(), pixels(source)) * rate(source.frameRate()) : 0;
    double scale = 0;
    for (var size : rateBySize.entrySet()) {
      scale += at(costs.scaling(), pixels(source) + size.getKey()) * size.getValue();
    }
    AudioRung audio = plan.ladder().audio();
    boolean encodesSound = audio != null && !audio.passthrough();
    return new LadderCost(decode, scale, encodesSound ? costs.soundSecond() : 0, rungs);
  }

  private static long pixels(TrackFormat.Video source) {
    return (long) source.width() * source.height();
  }

  private static double rate(PlannedRung planned, RungPace pace) {
    return rate(planned.frameRate()) / (pace.halfRate() ? 2 : 1);
  }

  private static double rate(@Nullable Rational rate) {
    return (rate == null ? UNKNOWN_RATE : rate).toDouble();
  }

  /** Linear between two measurements, through nothing beyond them. */
  private static double at(List<PixelCost> measured, long pixels) {
    PixelCost below = measured.getFirst();
    for (PixelCost above : measured) {
      if (pixels <= above.pixels()) {
        if (above == below) {
          break;
        }
        double way = (double) (pixels - below.pixels()) / (above.pixels() - below.pixels());
        return below.pictureSeconds() + way * (above.pictureSeconds() - below.pictureSeconds());
      }
      below = above;
    }
    return below.pictureSeconds() * pixels / below.pixels();
  }
}
