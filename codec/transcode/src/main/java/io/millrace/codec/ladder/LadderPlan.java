package io.millrace.codec.ladder;

import io.millrace.codec.ColourDefaults;
import io.millrace.codec.ffmpeg.ToneMap;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ladder applied to one source: which rungs exist and in which size, and which do not and why.
 *
 * <p>Sizes: the source is first made upright (rotation) and square (sample aspect ratio, its coded
 * height kept); a rung's height then names the short side, and the long side follows, to the
 * nearest even pixel. What becomes of a rung whose short side is above the source's is {@link
 * Ladder.Upscale}: left out, unless something else is asked for. A source in high dynamic range has
 * rungs in standard dynamic range, or none ({@link Ladder.HdrMode}).
 *
 * @param rungs in ladder order
 * @param skipped in ladder order
 */
public record LadderPlan(
    Ladder ladder, TrackFormat.Video source, List<PlannedRung> rungs, List<Skipped> skipped) {

  /** SVT-AV1 takes nothing smaller (EbSvtAv1Enc.h). */
  private static final int MIN_AV1_SIDE_PX = 64;

  private static final int MAX_SIDE_PX = 8192;

  /** A rung that this source does not get. */
  public record Skipped(VideoRung rung, String reason) {}

  public LadderPlan {
    rungs = List.copyOf(rungs);
    skipped = List.copyOf(skipped);
  }

  /** Applies {@code ladder} to {@code source}. */
  public static LadderPlan resolve(Ladder ladder, TrackFormat.Video source) {
    DisplaySize display = DisplaySize.of(source);
    String unusable = reasonAgainst(ladder, source);
    List<PlannedRung> rungs = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    for (VideoRung rung : ladder.video()) {
      int shortSide = shortSide(ladder, rung, display);
      String reason =
          unusable != null ? unusable : reasonToSkip(ladder, rung, display, shortSide, rungs);
      if (reason == null) {
        rungs.add(plan(rung, display, shortSide, source));
      } else {
        skipped.add(new Skipped(rung, reason));
      }
    }
    return new LadderPlan(ladder, source, rungs, skipped);
  }

  /**
   * Applies another ladder to {@code current}, which is what the source is in the middle of a
   * stream. A rung of a name that this plan has stays as it is, see {@link #onto}.
   */
  public LadderPlan changed(Ladder other, TrackFormat.Video current) {
    LadderPlan resolved = resolve(other, current);
    DisplaySize display = DisplaySize.of(current);
    List<PlannedRung> kept = new ArrayList<>();
    List<Skipped> left = new ArrayList<>(resolved.skipped);
    for (VideoRung rung : other.video()) {
      Optional<PlannedRung> fits =
          resolved.rungs.stream().filter(planned -> planned.rung().equals(rung)).findFirst();
      if (fits.isPresent()) {
        kept.add(fits.get());
      } else if (rungs.stream().anyMatch(planned -> planned.rung().equals(rung))) {
        kept.add(plan(rung, display, sideThatStays(other, rung, display), current));
        left.removeIf(skipped -> skipped.rung().equals(rung));
      }
    }
    return new LadderPlan(other, current, kept, left);
  }

  /** Every rung of {@code ladder}, where somebody else has decided that the source gets them. */
  public static LadderPlan whole(Ladder ladder, TrackFormat.Video source) {
    DisplaySize display = DisplaySize.of(source);
    List<PlannedRung> all = new ArrayList<>();
    for (VideoRung rung : ladder.video()) {
      all.add(plan(rung, display, sideThatStays(ladder, rung, display), source));
    }
    return new LadderPlan(ladder, source, all, List.of());
  }

  /**
   * The same rungs for another source in the middle of a stream: none appears, none goes away. A
   * rung above the new source takes the source's size.
   */
  public LadderPlan onto(TrackFormat.Video changed) {
    DisplaySize display = DisplaySize.of(changed);
    List<PlannedRung> adapted = new ArrayList<>();
    for (PlannedRung planned : rungs) {
      VideoRung rung = planned.rung();
      adapted.add(plan(rung, display, sideThatStays(ladder, rung, display), changed));
    }
    return new LadderPlan(ladder, changed, adapted, skipped);
  }

  /** Why no picture of {@code source} can be encoded again; null when it can. */
  static @Nullable String reasonAgainst(Ladder ladder, TrackFormat.Video source) {
    Colour colour = source.colour();
    if (!Ladder.isHdr(colour)) {
      return null;
    }
    String hdr = "HDR (" + (colour.transfer() == Colour.TRANSFER_PQ ? "PQ" : "HLG") + ")";
    if (ladder.hdr() == Ladder.HdrMode.PASSTHROUGH) {
      return "the source is " + hdr + ", which the ladder passes through";
    }
    return ToneMap.takes(colour)
        ? null
        : "the source is " + hdr + " in a matrix that is not tone-mapped: " + colour.matrix();
  }

  /** What {@code source}'s pictures are when they reach the encoders. */
  static Colour encodedColour(TrackFormat.Video source) {
    return Ladder.isHdr(source.colour())
        ? ToneMap.OUTPUT
        : ColourDefaults.scaled(source.colour(), source.height());
  }

  /** Of a rung that does not go away when it is larger than the source. */
  private static int sideThatStays(Ladder ladder, VideoRung rung, DisplaySize display) {
    return ladder.upscale() == Ladder.Upscale.ALLOW
        ? rung.heightPx()
        : Math.min(rung.heightPx(), display.shortSide());
  }

  private static int shortSide(Ladder ladder, VideoRung rung, DisplaySize display) {
    return ladder.upscale() == Ladder.Upscale.CLAMP
        ? Math.min(rung.heightPx(), display.shortSide())
        : rung.heightPx();
  }

  private static @Nullable String reasonToSkip(
      Ladder ladder, VideoRung rung, DisplaySize display, int shortSide, List<PlannedRung> larger) {
    String size = "the source is " + display.width() + "x" + display.height();
    if (shortSide > display.shortSide() && ladder.upscale() == Ladder.Upscale.NEVER) {
      return "would scale up: " + size;
    }
    int width = display.widthAt(shortSide);
    int height = display.heightAt(shortSide);
    if (rung.heightPx() > display.shortSide()
        && ladder.upscale() == Ladder.Upscale.CLAMP
        && larger.stream()
            .anyMatch(it -> it.rung().codec() == rung.codec() && it.height() == height)) {
      return "a rung of its codec has that size already: " + size;
    }
    int smallest = Math.min(width, height);
    int largest = Math.max(width, height);
    if (rung.codec() == VideoCodec.AV1 && smallest < MIN_AV1_SIDE_PX) {
      return "SVT-AV1 takes no side below " + MIN_AV1_SIDE_PX + " pixels: " + width + "x" + height;
    }
    if (smallest < 16 || largest > MAX_SIDE_PX) {
      return "size out of range: " + width + "x" + height;
    }
    return null;
  }

  private static PlannedRung plan(
      VideoRung rung, DisplaySize display, int shortSide, TrackFormat.Video source) {
    Rational frameRate = FrameRateLimit.effectiveRate(source.frameRate(), rung.maxFrameRate());
    return new PlannedRung(
        rung, display.widthAt(shortSide), display.heightAt(shortSide), frameRate);
  }
}
