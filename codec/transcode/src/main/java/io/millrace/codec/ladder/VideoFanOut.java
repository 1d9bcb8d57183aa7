package io.millrace.codec.ladder;

import io.millrace.codec.ColourDefaults;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.ffmpeg.PictureScaler;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.caption.CaptionData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scales each decoded frame once per distinct size and gives the picture to every rung of that
 * size. Made anew when the source's format changes. Confined to the decoding thread.
 */
final class VideoFanOut implements AutoCloseable {
  private static final Rational UNKNOWN_RATE = new Rational(30, 1);

  private final Colour colour;
  private final List<SizeGroup> groups = new ArrayList<>();

  private record Size(int width, int height) {}

  /** A rung and the pictures it leaves out, whose captions the next one takes along. */
  private static final class Member {
    private final Rung rung;
    private final @Nullable FrameRateLimit limit;
    private final long minDurationTicks;
    private byte @Nullable [] heldCaptions;

    Member(Rung rung, @Nullable FrameRateLimit limit) {
      this.rung = rung;
      this.limit = limit;
      this.minDurationTicks = limit == null ? 0 : limit.intervalTicks();
    }

    boolean keeps(long ptsTicks, boolean always, byte @Nullable [] captions) {
      if (limit == null || limit.keep(ptsTicks, always)) {
        return true;
      }
      heldCaptions = CaptionData.join(heldCaptions, captions);
      return false;
    }

    /** Takes the frame. */
    void offer(RungInput.Frame frame) {
      rung.offer(frame.after(heldCaptions));
      heldCaptions = null;
    }
  }

  /** The rungs of one size, with their scaler. */
  private record SizeGroup(PictureScaler scaler, List<Member> members) {}

  /**
   * @param rungs in the order of {@code plan}'s
   */
  VideoFanOut(LadderPlan plan, List<Rung> rungs, NativeAccount account) {
    TrackFormat.Video source = plan.source();
    this.colour = source.colour();
    Map<Size, List<Member>> bySize = new LinkedHashMap<>();
    for (int i = 0; i < rungs.size(); i++) {
      PlannedRung planned = plan.rungs().get(i);
      rungs.get(i).configure(settings(planned, ColourDefaults.scaled(colour, source.height())));
      FrameRateLimit limit = FrameRateLimit.of(source.frameRate(), planned.rung().maxFrameRate());
      bySize
          .computeIfAbsent(new Size(planned.width(), planned.height()), size -> new ArrayList<>())
          .add(new Member(rungs.get(i), limit));
    }
    bySize.forEach(
        (size, members) ->
            groups.add(
                new SizeGroup(
                    new PictureScaler(size.width, size.height, source.rotation(), account),
                    members)));
  }

  private static EncoderSettings settings(PlannedRung planned, Colour colour) {
    VideoRung rung = planned.rung();
    Rational rate = planned.frameRate();
    Rational nominal = rate == null ? UNKNOWN_RATE : rate;
    return new EncoderSettings(
        rung.codec(),
        rung.profile(),
        planned.width(),
        planned.height(),
        nominal,
        rung.bitrateBps(),
        rung.preset(),
        new KeyInterval(nominal.toDouble()).assumedFrames(),
        colour);
  }

  /**
   * Gives a frame to every rung that wants it.
   *
   * @param frame borrowed
   * @param boundary the segment that starts with it, or null
   * @param captions that go with it, or null
   */
  void send(
      DecodedFrame frame,
      long ptsTicks,
      long durationTicks,
      TrackEvent.@Nullable Boundary boundary,
      byte @Nullable [] captions) {
    for (SizeGroup group : groups) {
      List<Member> takers = new ArrayList<>(group.members.size());
      for (Member member : group.members) {
        if (member.keeps(ptsTicks, boundary != null, captions)) {
          takers.add(member);
        }
      }
      if (!takers.isEmpty()) {
        Picture picture = group.scaler.convert(frame, colour);
        try {
          for (Member taker : takers) {
            long shownTicks = Math.max(durationTicks, taker.minDurationTicks);
            taker.offer(
                new RungInput.Frame(picture.retain(), ptsTicks, shownTicks, boundary, captions));
          }
        } finally {
          picture.release();
        }
      }
    }
  }

  @Override
  public void close() {
    groups.forEach(group -> group.scaler.close());
  }
}
