package io.millrace.codec.ladder;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ladder applied to one source: which rungs exist and in which size, and which do not and why.
 *
 * <p>Sizes: the source is first made upright (rotation) and square (sample aspect ratio, its coded
 * height kept); a rung's height then names the short side, and the long side follows, to the
 * nearest even pixel. A rung whose short side is above the source's does not exist: nothing is
 * scaled up. A source in high dynamic range has no rungs: without tone mapping their colours would
 * be wrong.
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
    String unusable = reasonAgainst(source);
    List<PlannedRung> rungs = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    for (VideoRung rung : ladder.video()) {
      String reason = unusable != null ? unusable : reasonToSkip(rung, display);
      if (reason == null) {
        rungs.add(plan(rung, display, rung.heightPx(), source));
      } else {
        skipped.add(new Skipped(rung, reason));
      }
    }
    return new LadderPlan(ladder, source, rungs, skipped);
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
      adapted.add(plan(rung, display, Math.min(rung.heightPx(), display.shortSide()), changed));
    }
    return new LadderPlan(ladder, changed, adapted, skipped);
  }

  /** Why no picture of {@code source} can be encoded again; null when it can. */
  static @Nullable String reasonAgainst(TrackFormat.Video source) {
    return switch (source.colour().transfer()) {
      case Colour.TRANSFER_PQ -> "the source is HDR (PQ), which is not tone-mapped";
      case Colour.TRANSFER_HLG -> "the source is HDR (HLG), which is not tone-mapped";
      default -> null;
    };
  }

  private static @Nullable String reasonToSkip(VideoRung rung, DisplaySize display) {
    if (rung.heightPx() > display.shortSide()) {
      return "would scale up: the source is " + display.width() + "x" + display.height();
    }
    int width = display.widthAt(rung.heightPx());
    int height = display.heightAt(rung.heightPx());
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
