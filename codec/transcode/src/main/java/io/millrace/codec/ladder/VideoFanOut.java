package io.millrace.codec.ladder;

import io.millrace.codec.DecodedFrame;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.ffmpeg.PictureScaler;
import io.millrace.codec.ffmpeg.ToneMap;
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
 * size. Made anew when the source's format or the ladder changes. Confined to the decoding thread.
 */
final class VideoFanOut implements AutoCloseable {
  private static final Rational UNKNOWN_RATE = new Rational(30, 1);

  private final Colour colour;
  private final List<SizeGroup> groups = new ArrayList<>();

  private record Size(int width, int height) {}

  /** A rung and the pictures it leaves out, whose captions the next one takes along. */
  private static final class Member {
    private final Rung rung;
    private final PlannedRung planned;
    private final @Nullable Rational sourceRate;
    private @Nullable FrameRateLimit limit;
    private long minDurationTicks;
    private @Nullable RungPace pace;
    private boolean encoding = true;
    private byte @Nullable [] heldCaptions;

    Member(Rung rung, PlannedRung planned, @Nullable Rational sourceRate) {
      this.rung = rung;
      this.planned = planned;
      this.sourceRate = sourceRate;
      limit(FrameRateLimit.of(sourceRate, planned.rung().maxFrameRate()));
    }

    private void limit(@Nullable FrameRateLimit changed) {
      limit = changed;
      minDurationTicks = changed == null ? 0 : changed.intervalTicks();
    }

    /** At a boundary: what the rung is to have from here on. */
    private void keepPace() {
      RungPace wanted = rung.pace();
      if (wanted.equals(pace)) {
        return;
      }
      rung.put(new RungInput.Faster(wanted.faster()));
      if (wanted.halfRate() != (pace != null && pace.halfRate())) {
        limit(
            wanted.halfRate()
                ? FrameRateLimit.of(sourceRate, halved(planned.frameRate()))
                : FrameRateLimit.of(sourceRate, planned.rung().maxFrameRate()));
      }
      rung.atHalfRate(wanted.halfRate());
      pace = wanted;
    }

    private static Rational halved(@Nullable Rational rate) {
      Rational known = rate == null ? UNKNOWN_RATE : rate;
      return new Rational(known.numerator(), Math.multiplyExact(known.denominator(), 2));
    }

    /**
     * False while the rung is not wanted; that changes where a segment begins, and what it does not
     * encode is an empty segment.
     */
    boolean isEncoding(TrackEvent.@Nullable Boundary boundary) {
      if (boundary != null) {
        if (rung.isWanted()) {
          encoding = true;
          keepPace();
        } else {
          pause();
          rung.put(new RungInput.EmptySegment(boundary));
        }
      }
      return encoding;
    }

    void pause() {
      if (encoding) {
        encoding = false;
        heldCaptions = null;
        rung.put(new RungInput.Pause());
      }
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
  private record SizeGroup(PictureScaler scaler, Size size, List<Member> members) {}

  /**
   * @param rungs in the order of {@code plan}'s
   */
  VideoFanOut(LadderPlan plan, List<Rung> rungs, NativeAccount account) {
    this(plan, rungs, account, List.of());
  }

  /**
   * The same source for other rungs, before a picture that starts a segment. Closes this.
   *
   * @param rungs in the order of {@code plan}'s
   */
  VideoFanOut changed(LadderPlan plan, List<Rung> rungs, NativeAccount account) {
    VideoFanOut changed = new VideoFanOut(plan, rungs, account, groups);
    for (SizeGroup group : groups) {
      if (changed.groups.stream().noneMatch(kept -> kept.scaler == group.scaler)) {
        group.scaler.close();
      }
    }
    return changed;
  }

  /**
   * @param before whose scalers and members are taken over where they are the same
   */
  private VideoFanOut(
      LadderPlan plan, List<Rung> rungs, NativeAccount account, List<SizeGroup> before) {
    TrackFormat.Video source = plan.source();
    this.colour = source.colour();
    Map<Size, List<Member>> bySize = new LinkedHashMap<>();
    for (int i = 0; i < rungs.size(); i++) {
      PlannedRung planned = plan.rungs().get(i);
      Rung rung = rungs.get(i);
      Member known = member(before, rung, planned);
      if (known == null) {
        rung.configure(settings(planned, LadderPlan.encodedColour(source)));
      }
      bySize
          .computeIfAbsent(new Size(planned.width(), planned.height()), size -> new ArrayList<>())
          .add(known != null ? known : newMember(rung, planned, source));
    }
    ToneMap tone = Ladder.isHdr(colour) ? ToneMap.of(colour) : null;
    bySize.forEach(
        (size, members) ->
            groups.add(new SizeGroup(scaler(before, size, source, tone, account), size, members)));
  }

  private static Member newMember(Rung rung, PlannedRung planned, TrackFormat.Video source) {
    return new Member(rung, planned, source.frameRate());
  }

  private static @Nullable Member member(List<SizeGroup> groups, Rung rung, PlannedRung planned) {
    for (SizeGroup group : groups) {
      for (Member member : group.members) {
        if (member.rung == rung && member.planned.equals(planned)) {
          return member;
        }
      }
    }
    return null;
  }

  private static PictureScaler scaler(
      List<SizeGroup> groups,
      Size size,
      TrackFormat.Video source,
      @Nullable ToneMap tone,
      NativeAccount account) {
    for (SizeGroup group : groups) {
      if (group.size.equals(size)) {
        return group.scaler;
      }
    }
    return new PictureScaler(size.width, size.height, source.rotation(), tone, account);
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
        colour,
        rung.options(),
        rung.preset());
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
        if (member.isEncoding(boundary) && member.keeps(ptsTicks, boundary != null, captions)) {
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

  /** Nobody wants any: whoever calls this tells them of segments until one is wanted again. */
  void pause() {
    groups.forEach(group -> group.members.forEach(Member::pause));
  }

  @Override
  public void close() {
    groups.forEach(group -> group.scaler.close());
  }
}
