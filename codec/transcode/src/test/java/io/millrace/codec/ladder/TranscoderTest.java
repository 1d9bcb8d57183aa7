package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Clips;
import io.millrace.codec.CodecException;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Picture;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TranscoderTest {
  private static final Ladder TWO =
      new Ladder(
          List.of(
              VideoRung.of("fast", VideoCodec.H264, 180, 300_000, Profile.FAST),
              VideoRung.of("slow", VideoCodec.H264, 90, 150_000, Profile.FAST)),
          null);
  private static final Ladder ONE =
      new Ladder(List.of(VideoRung.of("r", VideoCodec.H264, 180, 300_000, Profile.QUALITY)), null);

  private static RecordingSink clip;
  private static List<TrackEvent> events;

  @BeforeAll
  static void makeAClip() {
    clip = Clips.record(Clips.small(), 4000);
    events = Clips.live(clip);
  }

  /** Encodes the rung that is 90 lines high only when the gate is open. */
  private static VideoEncoders gated(CountDownLatch gate, AtomicInteger encoded) {
    return (settings, account) -> {
      VideoEncoder real = LadderRun.ENGINES.open(settings, account);
      return settings.height() == 90 ? new GatedEncoder(real, gate, encoded) : real;
    };
  }

  private record GatedEncoder(VideoEncoder real, CountDownLatch gate, AtomicInteger encoded)
      implements VideoEncoder {
    @Override
    public TrackFormat.Video format() {
      return real.format();
    }

    @Override
    public String engine() {
      return "gated";
    }

    @Override
    public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
      try {
        if (!gate.await(60, TimeUnit.SECONDS)) {
          throw new AssertionError("gate never opened");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      encoded.incrementAndGet();
      real.encode(picture, ptsTicks, forceKey, output);
    }

    @Override
    public void drain(Output output) {
      real.drain(output);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  void aStuckRungHoldsUpNobodyAndItsDropsAreCounted() {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger encoded = new AtomicInteger();
    TranscoderSettings live =
        new TranscoderSettings(64, TranscoderSettings.Overload.DROP, LadderRun.LIMIT, null);
    try (LadderRun run = new LadderRun(TWO, clip.videoFormat(), gated(gate, encoded), live)) {
      for (TrackEvent event : events) {
        run.transcoder.accept(event.retain());
        // Paced by the good rung, so that only the stuck one can be behind.
        await(() -> stats(run, "fast").queueDepth() < 32);
      }
      run.sink("fast").awaitEnd(LadderRun.LIMIT);
      assertThat(run.sink("fast").samples()).hasSize(clip.samples().size());
      assertThat(stats(run, "fast").picturesDropped()).isZero();
      RungStats stuck = stats(run, "slow");
      assertThat(stuck.picturesDropped()).isGreaterThan(30);
      assertThat(stuck.queueDepth()).isLessThanOrEqualTo(64);
      gate.countDown();
      run.awaitEnds();
      assertThat(encoded.get() + stats(run, "slow").picturesDropped())
          .isEqualTo(clip.samples().size());
      assertThat(run.sink("slow").boundaries()).isEqualTo(run.sink("fast").boundaries());
      for (TrackEvent.Boundary boundary : run.sink("slow").boundaries()) {
        assertThat(run.sink("slow").samples())
            .anyMatch(sample -> sample.key() && sample.ptsTicks() == boundary.startTicks());
      }
      DecodedTrack decoded =
          DecodedTrack.of(run.sink("slow").videoFormat(), run.sink("slow").samples());
      assertThat(decoded.damaged()).isZero();
    }
  }

  @Test
  void aFailingRungEndsAndTheOthersGoOn() {
    VideoEncoders failing =
        (settings, account) -> {
          if (settings.height() == 90) {
            throw new CodecException("out of luck");
          }
          return LadderRun.ENGINES.open(settings, account);
        };
    try (LadderRun run =
        new LadderRun(TWO, clip.videoFormat(), failing, TranscoderSettings.OFFLINE)) {
      run.feed(events);
      run.awaitEnds();
      assertThat(run.failures).singleElement().asString().startsWith("slow:").contains("luck");
      assertThat(run.sink("slow").events())
          .singleElement()
          .isEqualTo(new TrackEvent.End("rung failed: out of luck"));
      assertThat(run.sink("fast").samples()).hasSize(clip.samples().size());
      assertThat(stats(run, "slow").failed()).isTrue();
    }
  }

  @Test
  void closingFreesAllNativeMemoryInTheMiddleToo() {
    LadderRun run =
        new LadderRun(TWO, clip.videoFormat(), LadderRun.ENGINES, TranscoderSettings.OFFLINE);
    run.feed(events.subList(0, events.size() / 2));
    assertThat(run.transcoder.stats().nativeHandles()).isPositive();
    assertThat(run.transcoder.stats().pictureBytes()).isPositive();
    run.close();
    assertThat(run.transcoder.stats().nativeHandles()).isZero();
    assertThat(run.transcoder.stats().pictureBytes()).isZero();
    int after = run.sink("fast").events().size();
    run.feed(events);
    run.close();
    assertThat(run.sink("fast").events()).hasSize(after);
  }

  @Test
  void openingAndClosingIsFlat() {
    Ladder both =
        new Ladder(
            List.of(
                VideoRung.of("h264", VideoCodec.H264, 90, 150_000, Profile.QUALITY),
                VideoRung.of("av1", VideoCodec.AV1, 90, 150_000, Profile.QUALITY)),
            AudioRung.aac(64_000));
    List<TrackEvent> some = events.subList(0, 40);
    long settledBytes = 0;
    for (int i = 0; i < 50; i++) {
      try (LadderRun run =
          new LadderRun(both, clip.videoFormat(), LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
        run.feed(some);
      }
      if (i == 19) {
        settledBytes = residentBytes();
      }
    }
    // Each cycle takes some 60 MB while it is open: one leak in ten would show.
    assertThat(residentBytes() - settledBytes).isLessThan(100L << 20);
  }

  private static long residentBytes() {
    return Pointer.physicalBytes();
  }

  @Test
  void damagedInputIsLeftOutUpToTheNextKeyFrame() {
    List<TrackEvent> damaged = new ArrayList<>();
    int number = 0;
    for (TrackEvent event : events) {
      boolean hit = event instanceof TrackEvent.Sample && number++ == 30;
      damaged.add(hit ? garbage((TrackEvent.Sample) event) : event);
    }
    LadderRun run = LadderRun.of(ONE, damaged);
    assertThat(run.failures).isEmpty();
    TranscoderStats stats = run.transcoder.stats();
    assertThat(stats.samplesDamaged()).isBetween(10L, 25L);
    RecordingSink sink = run.sink("r");
    assertThat(sink.boundaries()).hasSize(4);
    assertThat(sink.samples().size() + stats.samplesDamaged()).isEqualTo(clip.samples().size());
    for (TrackEvent.Boundary boundary : sink.boundaries()) {
      assertThat(sink.samples())
          .anyMatch(sample -> sample.key() && sample.ptsTicks() == boundary.startTicks());
    }
  }

  @Test
  void whereTheKeyFrameIsLostTheSegmentIsEmptyAndSaysSo() {
    List<TrackEvent> damaged = new ArrayList<>();
    TrackEvent.Boundary second = boundaries(events).get(1);
    for (TrackEvent event : events) {
      boolean hit =
          event instanceof TrackEvent.Sample sample && sample.ptsTicks() == second.startTicks();
      damaged.add(hit ? garbage((TrackEvent.Sample) event) : event);
    }
    LadderRun run = LadderRun.of(ONE, damaged);
    List<TrackEvent> out = run.sink("r").events();
    assertThat(run.sink("r").boundaries()).isEqualTo(boundaries(events));
    int at = out.indexOf(second);
    assertThat(out.get(at + 1)).isEqualTo(boundaries(events).get(2));
    assertThat(out.get(at + 2)).isInstanceOf(TrackEvent.Sample.class);
  }

  @Test
  void aLatePictureTakesTheBoundarysTime() {
    List<TrackEvent> shifted = new ArrayList<>();
    for (TrackEvent event : events) {
      shifted.add(
          event instanceof TrackEvent.Boundary boundary
              ? new TrackEvent.Boundary(
                  boundary.sequence(), boundary.startTicks() - 777, boundary.epoch(), false)
              : event);
    }
    LadderRun run = LadderRun.of(ONE, shifted);
    RecordingSink sink = run.sink("r");
    assertThat(sink.samples()).hasSize(clip.samples().size());
    for (TrackEvent.Boundary boundary : boundaries(shifted)) {
      assertThat(sink.samples())
          .anyMatch(sample -> sample.key() && sample.ptsTicks() == boundary.startTicks());
    }
  }

  /** As where a clip begins again before its last picture has had its time. */
  @Test
  void aBoundarysPictureBehindTheOneBeforeBeginsItsSegmentAllTheSame() {
    TrackEvent.Boundary second = boundaries(events).get(1);
    long[] shown =
        clip.samples().stream().mapToLong(TrackEvent.Sample::ptsTicks).sorted().toArray();
    long backTicks = 5 * (shown[1] - shown[0]); // more pictures than the decoder holds
    List<TrackEvent> repeated = new ArrayList<>();
    boolean moved = false;
    for (TrackEvent event : events) {
      moved |= event.equals(second);
      TrackEvent next = event;
      if (moved && event instanceof TrackEvent.Boundary each) {
        next =
            new TrackEvent.Boundary(
                each.sequence(), each.startTicks() - backTicks, each.epoch(), false);
      } else if (moved && event instanceof TrackEvent.Sample sample) {
        next = later(sample, -backTicks);
      }
      repeated.add(next);
    }
    LadderRun run = LadderRun.of(ONE, repeated);
    assertThat(run.failures).isEmpty();
    RecordingSink sink = run.sink("r");
    assertThat(sink.boundaries()).isEqualTo(boundaries(repeated));
    List<TrackEvent> out = sink.events();
    TrackEvent.Boundary cut = boundaries(repeated).get(1);
    TrackEvent first = out.get(out.indexOf(cut) + 1);
    assertThat(first)
        .isInstanceOfSatisfying(
            TrackEvent.Sample.class, sample -> assertThat(sample.key()).isTrue());
  }

  @Test
  void afterAnEndTheSameRungGoesOnBehindEmptySegments() {
    List<TrackEvent> twice = new ArrayList<>(events);
    long gapTicks = 20L * 360_000;
    for (int i = 0; i < 5; i++) {
      twice.add(new TrackEvent.Boundary(104 + i, 5L * 360_000 + i * 720_000L, Clips.EPOCH, false));
    }
    long sequence = 109;
    for (TrackEvent event : events) {
      switch (event) {
        case TrackEvent.Boundary boundary ->
            twice.add(
                new TrackEvent.Boundary(
                    sequence++, boundary.startTicks() + gapTicks, Clips.EPOCH, false));
        case TrackEvent.Sample sample -> twice.add(later(sample, gapTicks));
        default -> twice.add(event);
      }
    }
    twice.add(new TrackEvent.Discontinuity("marks the end of the test"));
    try (LadderRun run =
        new LadderRun(ONE, clip.videoFormat(), LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
      run.feed(twice);
      RecordingSink sink = run.sink("r");
      await(() -> !sink.events(TrackEvent.Discontinuity.class).isEmpty());
      assertThat(sink.events(TrackEvent.Format.class)).as("unchanged format").hasSize(1);
      assertThat(sink.boundaries()).isEqualTo(boundaries(twice));
      assertThat(sink.samples()).hasSize(2 * clip.samples().size());
      assertThat(sink.events(TrackEvent.End.class)).hasSize(2);
      List<TrackEvent> out = sink.events();
      int firstEnd = out.indexOf(new TrackEvent.End("clip is over"));
      assertThat(out.subList(firstEnd + 1, firstEnd + 7))
          .allMatch(event -> event instanceof TrackEvent.Boundary);
    }
  }

  @Test
  void anotherSourceSizeKeepsTheRungAndItsFormatWhereItsSizeStays() {
    RecordingSink bigger = Clips.record(Clips.small().withSize(640, 360, 500_000), 2000);
    List<TrackEvent> changing = new ArrayList<>(events.subList(0, events.size() - 1));
    long sequence = 200;
    long gapTicks = 10L * 360_000;
    for (TrackEvent event : bigger.events()) {
      if (event instanceof TrackEvent.Sample sample) {
        TrackEvent.Sample moved = later(sample, gapTicks);
        if (moved.key()) {
          changing.add(new TrackEvent.Boundary(sequence++, moved.ptsTicks(), Clips.EPOCH, true));
        }
        changing.add(moved);
      } else {
        changing.add(event);
      }
    }
    changing.add(new TrackEvent.End("over"));
    LadderRun run = LadderRun.of(TWO, changing);
    assertThat(run.failures).isEmpty();
    for (String rung : List.of("fast", "slow")) {
      RecordingSink sink = run.sink(rung);
      assertThat(sink.events(TrackEvent.Format.class)).hasSize(1);
      assertThat(sink.boundaries()).isEqualTo(boundaries(changing));
      assertThat(DecodedTrack.of(sink.videoFormat(), sink.samples()).pictures())
          .hasSize(clip.samples().size() + bigger.samples().size());
    }
  }

  @Test
  void anotherAspectRatioGivesTheRungANewFormatAtTheBoundary() {
    RecordingSink portrait = Clips.record(Clips.small().withSize(180, 320, 300_000), 1000);
    List<TrackEvent> changing = new ArrayList<>(events.subList(0, events.size() - 1));
    long gapTicks = 10L * 360_000;
    for (TrackEvent event : portrait.events()) {
      if (event instanceof TrackEvent.Sample sample && sample.key()) {
        changing.add(new TrackEvent.Boundary(200, sample.ptsTicks() + gapTicks, Clips.EPOCH, true));
      }
      changing.add(event instanceof TrackEvent.Sample sample ? later(sample, gapTicks) : event);
    }
    changing.add(new TrackEvent.End("over"));
    LadderRun run = LadderRun.of(ONE, changing);
    List<TrackEvent> out = run.sink("r").events();
    List<TrackEvent.Format> formats = run.sink("r").events(TrackEvent.Format.class);
    assertThat(formats).hasSize(2);
    assertThat(((TrackFormat.Video) formats.getLast().format()).height()).isEqualTo(320);
    int at = out.lastIndexOf(formats.getLast());
    assertThat(out.get(at - 1)).isInstanceOf(TrackEvent.Sample.class);
    assertThat(out.get(at + 1)).isInstanceOf(TrackEvent.Boundary.class);
    assertThat(out.get(at + 2)).isInstanceOf(TrackEvent.Sample.class);
  }

  @Test
  void rotationAndPixelAspectAreTakenOut() {
    TrackFormat.Video turned = Clips.turned(clip.videoFormat(), new Rational(2, 1), 90);
    List<TrackEvent> turning = new ArrayList<>(events);
    turning.set(0, new TrackEvent.Format(TrackEvent.VIDEO_TRACK, turned));
    LadderRun run = LadderRun.of(ONE, turning);
    TrackFormat.Video out = run.sink("r").videoFormat();
    assertThat(out.width()).isEqualTo(180);
    assertThat(out.height()).isEqualTo(640);
    assertThat(out.rotation()).isZero();
    assertThat(out.sampleAspectRatio()).isEqualTo(Rational.ONE);
    DecodedTrack decoded = DecodedTrack.of(out, run.sink("r").samples());
    assertThat(decoded.pictures()).hasSize(clip.samples().size());
    assertThat(decoded.pictures().firstEntry().getValue().height()).isEqualTo(640);
  }

  @Test
  void fullRangeInputBecomesLimitedAndSaysSo() {
    TrackFormat.Video own = clip.videoFormat();
    TrackFormat.Video full =
        new TrackFormat.Video(
            own.codec(),
            own.codecs(),
            own.configuration(),
            own.width(),
            own.height(),
            own.sampleAspectRatio(),
            own.frameRate(),
            new Colour(1, 1, 1, true),
            0);
    List<TrackEvent> fullRange = new ArrayList<>(events);
    fullRange.set(0, new TrackEvent.Format(TrackEvent.VIDEO_TRACK, full));
    LadderRun run = LadderRun.of(ONE, fullRange);
    assertThat(run.sink("r").videoFormat().colour()).isEqualTo(new Colour(1, 1, 1, false));
    // The leftmost bar: 180 in full range is 16 + 180 × 219 / 255 in limited.
    assertThat(leftBar(DecodedTrack.of(own, clip.samples()))).isCloseTo(180, within(3));
    DecodedTrack out = DecodedTrack.of(run.sink("r").videoFormat(), run.sink("r").samples());
    assertThat(leftBar(out)).isCloseTo(171, within(3));
  }

  private static int leftBar(DecodedTrack track) {
    return track.pictures().firstEntry().getValue().at(20, 20);
  }

  @Test
  void aMaximumFrameRateHalvesEvenlyAndKeepsBoundaries() {
    RecordingSink fifty =
        Clips.record(Clips.small().withFrameRate(new Rational(50, 1), 50, false), 3000);
    VideoRung half =
        new VideoRung(
            "r", VideoCodec.H264, 180, 300_000, "veryfast", Profile.FAST, new Rational(30, 1));
    LadderRun run = LadderRun.of(new Ladder(List.of(half), null), Clips.live(fifty));
    RecordingSink sink = run.sink("r");
    assertThat(sink.samples()).hasSize(fifty.samples().size() / 2);
    assertThat(sink.videoFormat().frameRate()).isEqualTo(new Rational(25, 1));
    assertThat(sink.samples()).allMatch(sample -> sample.durationTicks() == 14_400);
    assertThat(sink.boundaries()).hasSize(3);
    List<TrackEvent.Sample> samples = sink.samples();
    for (int i = 1; i < samples.size(); i++) {
      assertThat(samples.get(i).ptsTicks() - samples.get(i - 1).ptsTicks()).isEqualTo(14_400);
    }
  }

  @Test
  void rungsOfOneSizeShareOneScaledPicture() {
    Ladder same =
        new Ladder(
            List.of(
                VideoRung.of("a", VideoCodec.H264, 90, 150_000, Profile.FAST),
                VideoRung.of("b", VideoCodec.H264, 90, 100_000, Profile.FAST)),
            null);
    Set<Long> addresses = ConcurrentHashMap.newKeySet();
    AtomicInteger pictures = new AtomicInteger();
    VideoEncoders watching =
        (settings, account) ->
            new WatchingEncoder(LadderRun.ENGINES.open(settings, account), addresses, pictures);
    try (LadderRun run =
        new LadderRun(same, clip.videoFormat(), watching, TranscoderSettings.OFFLINE)) {
      run.feed(events);
      run.awaitEnds();
    }
    assertThat(pictures.get()).isEqualTo(2 * clip.samples().size());
    assertThat(addresses.size()).as("pooled pictures, not one each").isLessThan(30);
  }

  private record WatchingEncoder(VideoEncoder real, Set<Long> addresses, AtomicInteger pictures)
      implements VideoEncoder {
    @Override
    public TrackFormat.Video format() {
      return real.format();
    }

    @Override
    public String engine() {
      return real.engine();
    }

    @Override
    public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
      addresses.add(picture.planeAddress(0));
      pictures.incrementAndGet();
      real.encode(picture, ptsTicks, forceKey, output);
    }

    @Override
    public void drain(Output output) {
      real.drain(output);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  void aCodecWithoutADecoderFailsTheSourceNotTheCaller() {
    TrackFormat.Video broken =
        new TrackFormat.Video(
            VideoCodec.H264,
            "avc1.64001f",
            new byte[] {1, 2, 3},
            320,
            180,
            Rational.ONE,
            null,
            Colour.UNSPECIFIED,
            0);
    try (LadderRun run =
        new LadderRun(ONE, broken, LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
      run.transcoder.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, broken));
      clip.samples().forEach(sample -> run.transcoder.accept(sample.retain()));
      run.transcoder.accept(new TrackEvent.End("over"));
      run.awaitEnds();
      assertThat(run.transcoder.stats().picturesDecoded()).isZero();
      assertThat(run.transcoder.stats().samplesDamaged()).isPositive();
    }
  }

  @Test
  void statsTellWhatHappened() {
    LadderRun run = LadderRun.of(TWO, events);
    TranscoderStats stats = run.transcoder.stats();
    assertThat(stats.picturesDecoded()).isEqualTo(clip.samples().size());
    assertThat(stats.decodeNs()).isPositive();
    assertThat(stats.scaleNs()).isPositive();
    RungStats rung = stats(run, "fast");
    assertThat(rung.picturesIn()).isEqualTo(clip.samples().size());
    assertThat(rung.picturesOut()).isEqualTo(clip.samples().size());
    assertThat(rung.keyFrames()).isEqualTo(4);
    assertThat(rung.bytesOut()).isPositive();
    assertThat(rung.encodeWallNs()).isPositive();
    assertThat(rung.encodeCpuNs()).isPositive();
    assertThat(rung.realTimeFactor()).isPositive();
    assertThat(rung.engine()).isEqualTo(Engines.h264());
  }

  private static List<TrackEvent.Boundary> boundaries(List<TrackEvent> from) {
    return from.stream()
        .filter(TrackEvent.Boundary.class::isInstance)
        .map(TrackEvent.Boundary.class::cast)
        .toList();
  }

  private static RungStats stats(LadderRun run, String rung) {
    return run.transcoder.stats().rungs().stream()
        .filter(one -> one.name().equals(rung))
        .findFirst()
        .orElseThrow();
  }

  private static TrackEvent.Sample garbage(TrackEvent.Sample sample) {
    ByteBuf bytes = Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 40, 0x65, 1, 2, 3, 4, 5, 6, 7});
    return new TrackEvent.Sample(
        sample.track(),
        sample.dtsTicks(),
        sample.ptsTicks(),
        sample.durationTicks(),
        sample.key(),
        bytes);
  }

  private static TrackEvent.Sample later(TrackEvent.Sample sample, long byTicks) {
    return new TrackEvent.Sample(
        sample.track(),
        sample.dtsTicks() + byTicks,
        sample.ptsTicks() + byTicks,
        sample.durationTicks(),
        sample.key(),
        sample.payload());
  }

  private static void await(BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + LadderRun.LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadlineNs);
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  @Test
  void settingsReachTheSeam() {
    List<EncoderSettings> seen = new CopyOnWriteArrayList<>();
    VideoEncoders noting =
        (settings, account) -> {
          seen.add(settings);
          return LadderRun.ENGINES.open(settings, account);
        };
    try (LadderRun run =
        new LadderRun(ONE, clip.videoFormat(), noting, TranscoderSettings.OFFLINE)) {
      run.feed(events);
      run.awaitEnds();
    }
    assertThat(seen).hasSize(1);
    EncoderSettings settings = seen.getFirst();
    assertThat(settings.width()).isEqualTo(320);
    assertThat(settings.height()).isEqualTo(180);
    assertThat(settings.frameRate()).isEqualTo(new Rational(25, 1));
    assertThat(settings.profile()).isEqualTo(Profile.QUALITY);
    assertThat(settings.preset()).isEqualTo("veryfast");
  }
}
