package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.server.config.Failover;
import io.millrace.server.config.SignalLoss;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.millrace.server.event.Told;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs of one stream on a virtual clock: what comes out is looked at frame by frame. */
class InputSwitchTest {
  private static final Instant EPOCH = Instant.parse("2026-11-21T00:00:00Z");
  private static final long SECOND = Timescale.VIDEO.ticksPerSecond();
  private static final long FRAME = SECOND / 30;
  private static final long AUDIO_FRAME = 1024 * SECOND / 48_000;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<TrackEvent> out = new ArrayList<>();
  private final List<ByteBuf> payloads = new ArrayList<>();
  private final List<Source> sources = new ArrayList<>();
  private long nowNanos = 1_000_000_000;
  private Duration headroom = Duration.ZERO;
  private LiveStream live;
  private InputSwitch inputs;

  private final StreamClock clock =
      new StreamClock() {
        @Override
        public Instant now() {
          return EPOCH.plusNanos(nowNanos);
        }

        @Override
        public long nanos() {
          return nowNanos;
        }
      };

  private final Told told = new Told();

  private void open(Failover failover, SignalLoss signalLoss, FillerSource fillers) {
    StreamKey key = new StreamKey("live", "a");
    StreamSettings settings =
        new StreamSettings(
            OnConflict.BACKUP,
            failover,
            signalLoss,
            Duration.ofSeconds(30),
            Duration.ofSeconds(2),
            Duration.ZERO,
            Duration.ofSeconds(30),
            "source",
            new io.millrace.codec.ladder.Ladder(List.of(), null));
    live =
        new LiveStream(
            key, channel.eventLoop(), Duration.ofSeconds(2), clock.now().minus(headroom));
    live.subscribe(out::add);
    inputs = new InputSwitch(key, channel.eventLoop(), live, settings, fillers, clock, told);
  }

  private void open() {
    open(
        Failover.DEFAULT,
        null,
        (rule, formats, samples) -> {
          throw new AssertionError("nothing is covered here");
        });
  }

  @AfterEach
  void everyPayloadIsReleased() {
    inputs.close("test over");
    out.forEach(TrackEvent::release);
    live.close();
    assertThat(payloads).allSatisfy(p -> assertThat(p.refCnt()).isZero());
    channel.close();
  }

  /** A publisher with pictures at 30 fps and sound, in step with the virtual clock. */
  private final class Source extends PublisherStub {
    final int configuration;
    final int gopFrames;
    final long bornNanos = nowNanos;
    long skewTicks;
    long atOnceNanos;
    int everyNth = 1;
    boolean firstIsKey = true;
    boolean sendsVideo = true;
    boolean sendsAudio = true;
    private long videoFrames;
    private long audioFrames;

    Source(String id, int configuration, int gopFrames, InputRole role) {
      this(id, configuration, gopFrames, role, false);
    }

    /** With {@code takesOver} in the place of all before it. */
    Source(String id, int configuration, int gopFrames, InputRole role, boolean takesOver) {
      super(id);
      this.configuration = configuration;
      this.gopFrames = gopFrames;
      sources.add(this);
      inputs.add(this, role, other -> !takesOver || other == this);
      inputs.accept(this, new Format(TrackEvent.VIDEO_TRACK, video(configuration)));
      inputs.accept(this, new Format(TrackEvent.AUDIO_TRACK, audio()));
    }

    /** Sends what is due; a source that is told not to send lets its media pass by. */
    void advance() {
      long present = StreamInput.elapsedTicks(nowNanos - bornNanos + atOnceNanos);
      while (true) {
        long nextVideo = videoFrames * FRAME;
        long nextAudio = audioFrames * AUDIO_FRAME;
        if (Math.min(nextVideo, nextAudio) > present) {
          return;
        }
        if (nextAudio <= nextVideo) {
          long samples = audioFrames++ * 1024 + skewTicks * 48_000 / SECOND;
          if (sendsAudio) {
            inputs.accept(
                this,
                new Sample(
                    TrackEvent.AUDIO_TRACK, samples, samples, 1024, true, payload(sessionId())));
          }
        } else {
          boolean key = videoFrames % gopFrames == 0 && (videoFrames > 0 || firstIsKey);
          boolean due = videoFrames % everyNth == 0;
          long ticks = videoFrames++ * FRAME + skewTicks;
          if (sendsVideo && due) {
            inputs.accept(
                this,
                new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, FRAME, key, payload(sessionId())));
          }
        }
      }
    }

    void gone() {
      sources.remove(this);
      inputs.remove(this, "connection lost");
    }

    @Override
    public long lastMediaNanos() {
      return nowNanos;
    }
  }

  private ByteBuf payload(String id) {
    ByteBuf payload = Unpooled.copiedBuffer(id, java.nio.charset.StandardCharsets.US_ASCII);
    payloads.add(payload);
    return payload;
  }

  private void run(Duration duration) {
    long end = nowNanos + duration.toNanos();
    while (nowNanos < end) {
      nowNanos += 10_000_000;
      channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
      List.copyOf(sources).forEach(Source::advance);
      channel.runPendingTasks();
    }
  }

  private static TrackFormat.Video video(int configuration) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        new byte[] {(byte) configuration},
        1280,
        720,
        Rational.ONE,
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        0);
  }

  private static TrackFormat.Audio audio() {
    return new TrackFormat.Audio(AudioCodec.AAC, "mp4a.40.2", new byte[0], 48_000, 2, 1024);
  }

  private List<Sample> videos() {
    return out.stream()
        .filter(e -> e instanceof Sample s && s.track() == TrackEvent.VIDEO_TRACK)
        .map(e -> (Sample) e)
        .toList();
  }

  private List<Sample> audios() {
    return out.stream()
        .filter(e -> e instanceof Sample s && s.track() == TrackEvent.AUDIO_TRACK)
        .map(e -> (Sample) e)
        .toList();
  }

  private List<Boundary> boundaries() {
    return out.stream().filter(Boundary.class::isInstance).map(Boundary.class::cast).toList();
  }

  private static String from(Sample sample) {
    return sample.payload().toString(java.nio.charset.StandardCharsets.US_ASCII);
  }

  /** The largest distance between neighbouring pictures, in milliseconds. */
  private long widestPictureGapMs() {
    long widest = 0;
    List<Sample> videos = videos();
    for (int i = 1; i < videos.size(); i++) {
      long step = videos.get(i).ptsTicks() - videos.get(i - 1).ptsTicks();
      assertThat(step).as("pictures are in order").isPositive();
      widest = Math.max(widest, step);
    }
    return widest * 1000 / SECOND;
  }

  private long widestSoundGapMs() {
    long widest = 0;
    List<Sample> audios = audios();
    for (int i = 1; i < audios.size(); i++) {
      long step = audios.get(i).ptsTicks() - audios.get(i - 1).ptsTicks();
      assertThat(step).as("sound is in order").isPositive();
      widest = Math.max(widest, step);
    }
    return widest * 1000 / 48_000;
  }

  private void sequencesAreContinuous() {
    List<Boundary> boundaries = boundaries();
    for (int i = 1; i < boundaries.size(); i++) {
      assertThat(boundaries.get(i).sequence()).isEqualTo(boundaries.get(i - 1).sequence() + 1);
      assertThat(boundaries.get(i).startTicks()).isGreaterThan(boundaries.get(i - 1).startTicks());
    }
  }

  /** Pictures lie where the wall clock puts them, give or take. */
  private void isLive() {
    Sample newest = videos().getLast();
    long wall = StreamInput.elapsedTicks(nowNanos - 1_000_000_000);
    assertThat(newest.ptsTicks()).isBetween(wall - SECOND / 4, wall + SECOND / 4);
  }

  /** As ffmpeg does it with {@code -re}. */
  @ParameterizedTest
  @ValueSource(ints = {0, 20, 100, 500, 900})
  void nothingIsDatedLaterThanItCameHoweverMuchComesAtOnce(int atOnceMs) {
    headroom = Duration.ofSeconds(1);
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    main.atOnceNanos = Duration.ofMillis(atOnceMs).toNanos();
    long lateTicks = Long.MIN_VALUE;
    for (int i = 0; i < 400; i++) {
      run(Duration.ofMillis(10));
      long wallTicks = StreamInput.elapsedTicks(nowNanos - 1_000_000_000 + headroom.toNanos());
      if (!videos().isEmpty()) {
        long newestTicks = videos().getLast().ptsTicks();
        assertThat(newestTicks).isLessThanOrEqualTo(wallTicks);
        lateTicks = Math.max(lateTicks, newestTicks - wallTicks);
      }
    }
    assertThat(lateTicks).as("nor much earlier").isGreaterThan(-FRAME);
    assertThat(videos().getFirst().key()).isTrue();
    assertThat(videos()).as("nothing is lost").hasSizeGreaterThanOrEqualTo(119);
    long begun = boundaries().getFirst().startTicks();
    assertThat(begun).isBetween(0L, SECOND + SECOND / 10);
  }

  /** A file that is sent as fast as it goes. */
  @Test
  void aPublisherThatIsNotLiveIsNotWaitedFor() {
    headroom = Duration.ofSeconds(1);
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    main.atOnceNanos = Duration.ofSeconds(10).toNanos();
    run(Duration.ofMillis(10));
    assertThat(videos()).hasSize(301);
    assertThat(boundaries().getFirst().startTicks()).isNotNegative();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, 700, 1500, 1990, 2000, 3333})
  void theBackupTakesOverBehindTheLastGoodPicture(int offsetMs) {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    run(Duration.ofMillis(offsetMs));
    Source backup = new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(10));
    assertThat(videos()).allMatch(s -> from(s).equals("main"));
    long lastGood = videos().getLast().ptsTicks();
    main.gone();
    run(Duration.ofSeconds(5));
    Sample first =
        videos().stream().filter(s -> from(s).equals("backup")).findFirst().orElseThrow();
    assertThat(first.key()).isTrue();
    assertThat(first.ptsTicks() - lastGood).isLessThanOrEqualTo(2 * FRAME);
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    assertThat(widestSoundGapMs()).isLessThanOrEqualTo(67);
    assertThat(boundaries()).noneMatch(Boundary::discontinuity);
    assertThat(out).noneMatch(End.class::isInstance);
    assertThat(inputs.counters().switches()).isEqualTo(1);
    assertThat(told.words()).containsExactly("stream.failed_over");
    assertThat(backup.closed).isNull();
    sequencesAreContinuous();
    isLive();
  }

  @Test
  void anInputThatFallsSilentIsLeftWithinItsTime() {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofMillis(9_500));
    main.sendsVideo = false;
    main.sendsAudio = false;
    long lostAt = nowNanos;
    while (!"backup".equals(from(videos().getLast()))) {
      run(Duration.ofMillis(10));
      assertThat(nowNanos - lostAt).isLessThan(Duration.ofMillis(500).toNanos());
    }
    run(Duration.ofSeconds(3));
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    isLive();
  }

  @Test
  void pictureAloneMissingIsALossToo() {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(5));
    main.sendsVideo = false;
    run(Duration.ofSeconds(2));
    assertThat(from(videos().getLast())).isEqualTo("backup");
    assertThat(widestSoundGapMs()).isLessThanOrEqualTo(67);
  }

  @Test
  void soundAloneMissingIsALossWhereTheOtherHasIt() {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(5));
    main.sendsAudio = false;
    run(Duration.ofSeconds(2));
    assertThat(from(videos().getLast())).isEqualTo("backup");
  }

  @Test
  void soundThatEndsIsNoLossOfSignal() {
    SignalLoss rule =
        new SignalLoss(
            Duration.ofSeconds(1),
            Duration.ZERO,
            SignalLoss.Then.SLATE,
            null,
            Duration.ofSeconds(30));
    open(Failover.DEFAULT, rule, new FakeFillers());
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(5));
    main.sendsAudio = false;
    run(Duration.ofSeconds(10));
    assertThat(videos()).allMatch(s -> from(s).equals("main"));
    assertThat(inputs.counters().signalLosses()).isZero();
  }

  @Test
  void aSlideShowIsNoLossOfSignal() {
    SignalLoss rule =
        new SignalLoss(
            Duration.ofSeconds(1),
            Duration.ZERO,
            SignalLoss.Then.SLATE,
            null,
            Duration.ofSeconds(30));
    open(Failover.DEFAULT, rule, new FakeFillers());
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    main.everyNth = 60;
    run(Duration.ofSeconds(30));
    assertThat(videos()).hasSizeGreaterThan(10).allMatch(s -> from(s).equals("main"));
    assertThat(inputs.counters().signalLosses()).isZero();
  }

  @Test
  void anInputThatNeverSendsAKeyFrameIsRefused() {
    open();
    Source main = new Source("main", 1, Integer.MAX_VALUE, InputRole.MAIN);
    main.firstIsKey = false;
    assertThatThrownBy(() -> run(Duration.ofSeconds(40)))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("IDR");
    assertThat(videos()).isEmpty();
  }

  @Test
  void theMainInputComesBackAtAKeyFrameWhenItHasBeenWholeForLongEnough() {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(5));
    main.sendsVideo = false;
    run(Duration.ofSeconds(3));
    main.sendsVideo = true;
    run(Duration.ofSeconds(9));
    assertThat(from(videos().getLast())).isEqualTo("backup");
    run(Duration.ofSeconds(4));
    assertThat(from(videos().getLast())).isEqualTo("main");
    assertThat(inputs.counters().switches()).isEqualTo(2);
    assertThat(told.words()).containsExactly("stream.failed_over", "stream.recovered");
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    sequencesAreContinuous();
    isLive();
  }

  @Test
  void withoutAReturnTheBackupStays() {
    Duration never = Duration.ZERO;
    open(new Failover(Duration.ofMillis(300), never, never, never, never), null, null);
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    Source backup = new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(5));
    main.sendsVideo = false;
    run(Duration.ofSeconds(1));
    main.sendsVideo = true;
    run(Duration.ofMinutes(1));
    assertThat(from(videos().getLast())).isEqualTo("backup");
    backup.gone();
    run(Duration.ofSeconds(1));
    assertThat(from(videos().getLast())).isEqualTo("main");
  }

  @Test
  void aFaultyInputIsLeftForAWholeOne() {
    open();
    new Source("main", 1, 60, InputRole.MAIN);
    Source backup = new Source("backup", 1, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(5));
    inputs.fault(sources.getFirst(), "black picture for 5 s");
    run(Duration.ofMillis(100));
    assertThat(from(videos().getLast())).isEqualTo("backup");
    assertThat(inputs.counters().lastReason()).contains("black");
    run(Duration.ofSeconds(2));
    backup.gone();
    run(Duration.ofMillis(100));
    assertThat(from(videos().getLast())).as("a faulty picture beats none").isEqualTo("main");
    assertThat(told.words()).containsExactly("stream.failed_over", "stream.failed_over");
  }

  @ParameterizedTest
  @ValueSource(longs = {-3, 3})
  void clocksThatHaveDriftedApartLeaveNoHole(long seconds) {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    Source backup = new Source("backup", 1, 60, InputRole.BACKUP);
    backup.skewTicks = seconds * SECOND;
    run(Duration.ofSeconds(7));
    main.gone();
    run(Duration.ofSeconds(5));
    assertThat(from(videos().getLast())).isEqualTo("backup");
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    assertThat(widestSoundGapMs()).isLessThanOrEqualTo(67);
    isLive();
  }

  @Test
  void anotherFormatIsOneDiscontinuity() {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    new Source("backup", 2, 60, InputRole.BACKUP);
    run(Duration.ofSeconds(5));
    main.gone();
    run(Duration.ofSeconds(5));
    assertThat(boundaries().stream().filter(Boundary::discontinuity)).hasSize(1);
  }

  @Test
  void aTakeoverWaitsForTheNewPublishersKeyFrame() {
    open();
    Source first = new Source("first", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(5));
    Source second = new Source("second", 1, 60, InputRole.MAIN, true);
    second.sendsVideo = false;
    run(Duration.ofSeconds(1));
    assertThat(from(videos().getLast())).isEqualTo("first");
    assertThat(first.closed).isNull();
    second.sendsVideo = true;
    run(Duration.ofSeconds(2));
    assertThat(first.closed).contains("took the stream over");
    first.gone();
    run(Duration.ofSeconds(3));
    assertThat(from(videos().getLast())).isEqualTo("second");
    assertThat(second.closed).isNull();
    assertThat(told.words()).containsExactly("stream.taken_over");
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
  }

  @Test
  void aLostSignalIsCoveredUntilItIsBack() {
    SignalLoss rule =
        new SignalLoss(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            SignalLoss.Then.SLATE,
            null,
            Duration.ofSeconds(30));
    open(Failover.DEFAULT, rule, new FakeFillers());
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(5));
    main.gone();
    run(Duration.ofSeconds(7));
    assertThat(from(videos().getLast())).isEqualTo("slate");
    new Source("back", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(4));
    assertThat(from(videos().getLast())).isEqualTo("back");
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    assertThat(widestSoundGapMs()).isLessThanOrEqualTo(67);
    assertThat(out).noneMatch(End.class::isInstance);
    assertThat(inputs.counters().signalLosses()).isEqualTo(1);
    assertThat(told.words()).containsExactly("stream.signal_lost", "stream.recovered");
    assertThat(inputs.counters().filled()).isBetween(Duration.ofSeconds(6), Duration.ofSeconds(8));
    sequencesAreContinuous();
    isLive();
  }

  @Test
  void aPublisherThatStallsIsCoveredAndTakenBackAtItsNextKeyFrame() {
    SignalLoss rule =
        new SignalLoss(
            Duration.ofSeconds(1),
            Duration.ZERO,
            SignalLoss.Then.SLATE,
            null,
            Duration.ofSeconds(30));
    open(Failover.DEFAULT, rule, new FakeFillers());
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    run(Duration.ofMillis(5_500));
    main.sendsVideo = false;
    main.sendsAudio = false;
    run(Duration.ofMillis(900));
    assertThat(from(videos().getLast())).isEqualTo("main");
    run(Duration.ofSeconds(3));
    assertThat(from(videos().getLast())).isEqualTo("slate");
    main.sendsVideo = true;
    main.sendsAudio = true;
    run(Duration.ofSeconds(3));
    assertThat(from(videos().getLast())).isEqualTo("main");
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    sequencesAreContinuous();
    isLive();
  }

  @Test
  void whatPilesUpInAStallIsCaughtUpWith() {
    SignalLoss rule =
        new SignalLoss(
            Duration.ofSeconds(1),
            Duration.ZERO,
            SignalLoss.Then.SLATE,
            null,
            Duration.ofSeconds(30));
    open(Failover.DEFAULT, rule, new FakeFillers());
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    for (int i = 0; i < 5; i++) {
      run(Duration.ofMillis(5_500));
      sources.clear(); // the network holds everything back, and then delivers it at once
      run(Duration.ofMillis(4_300));
      assertThat(from(videos().getLast())).isEqualTo("slate");
      sources.add(main);
    }
    run(Duration.ofSeconds(3));
    assertThat(from(videos().getLast())).isEqualTo("main");
    assertThat(widestPictureGapMs()).isLessThanOrEqualTo(67);
    sequencesAreContinuous();
    isLive();
  }

  @Test
  void whatCannotBeCoveredPauses() {
    SignalLoss rule =
        new SignalLoss(
            Duration.ofSeconds(1),
            Duration.ZERO,
            SignalLoss.Then.SLATE,
            null,
            Duration.ofSeconds(30));
    open(
        Failover.DEFAULT,
        rule,
        (r, formats, samples) -> {
          samples.forEach(Sample::release);
          return CompletableFuture.failedFuture(new IllegalStateException("no encoder"));
        });
    new Source("main", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(3));
    sources.getFirst().gone();
    run(Duration.ofSeconds(3));
    assertThat(out).filteredOn(End.class::isInstance).hasSize(1);
    new Source("back", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(3));
    assertThat(from(videos().getLast())).isEqualTo("back");
    sequencesAreContinuous();
    isLive();
  }

  @Test
  void withoutAFillerTheClockGoesOnOverAPause() {
    open();
    Source main = new Source("main", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(5));
    main.gone();
    run(Duration.ofSeconds(10));
    new Source("back", 1, 60, InputRole.MAIN);
    run(Duration.ofSeconds(3));
    assertThat(boundaries()).noneMatch(Boundary::discontinuity);
    sequencesAreContinuous();
    isLive();
  }

  /** Slates of one frame, with a format of their own. */
  private final class FakeFillers implements FillerSource {
    @Override
    public CompletionStage<PreparedFiller> prepare(
        SignalLoss rule,
        java.util.SortedMap<Integer, TrackFormat> formats,
        List<Sample> lastSegment) {
      assertThat(lastSegment).isNotEmpty();
      assertThat(lastSegment.getFirst().key()).isTrue();
      lastSegment.forEach(Sample::release);
      return CompletableFuture.completedFuture(this::start);
    }

    private Filler start(EndOfTrack ends) {
      long startTicks = ends.ofTrack(TrackEvent.VIDEO_TRACK);
      long startSamples = ends.ofTrack(TrackEvent.AUDIO_TRACK) * 48_000 / SECOND;
      long[] next = {0, 0};
      return (presentTicks, sink) -> {
        if (next[0] == 0) {
          Map.of(TrackEvent.VIDEO_TRACK, video(9), TrackEvent.AUDIO_TRACK, audio())
              .forEach((track, format) -> sink.accept(new Format(track, format)));
        }
        while (startTicks + next[0] * FRAME < presentTicks) {
          long ticks = startTicks + next[0] * FRAME;
          boolean key = next[0]++ % 30 == 0;
          sink.accept(
              new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, FRAME, key, payload("slate")));
          while (startSamples + next[1] * 1024 < (ticks + FRAME) * 48_000 / SECOND) {
            long samples = startSamples + next[1]++ * 1024;
            sink.accept(
                new Sample(TrackEvent.AUDIO_TRACK, samples, samples, 1024, true, payload("slate")));
          }
        }
      };
    }
  }
}
