package io.millrace.server.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Presets;
import io.millrace.codec.Profile;
import io.millrace.codec.cost.CostModel;
import io.millrace.codec.cost.Costs;
import io.millrace.codec.cost.EncoderCost;
import io.millrace.codec.cost.PixelCost;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.server.config.Failover;
import io.millrace.server.config.StreamPolicy;
import io.millrace.server.config.Subtitles;
import io.millrace.server.event.Told;
import io.millrace.server.live.Shedding;
import io.millrace.server.live.StreamSettings;
import io.millrace.server.live.Watched;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A machine of four cores on a virtual clock, whose encoders take {@link #truth} times what its
 * calibration says: 0.3 cores for H.264 at 720p with veryfast, 0.5 for AV1 with preset 10.
 */
class BudgetServiceTest {
  private static final double CORES = 4;
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(BudgetService.LOOK_MS);
  private static final TrackFormat.Video SOURCE =
      new TrackFormat.Video(
          VideoCodec.H264,
          "avc1",
          new byte[0],
          1280,
          720,
          Rational.ONE,
          new Rational(30, 1),
          new Colour(1, 1, 1, false),
          0);
  private static final Ladder LADDER =
      new Ladder(
          List.of(
              VideoRung.of("720p", VideoCodec.H264, 720, 2_500_000, Profile.QUALITY),
              VideoRung.of("av1-720p", VideoCodec.AV1, 720, 1_500_000, Profile.QUALITY)),
          null);
  private static final LadderPlan PLAN = LadderPlan.resolve(LADDER, SOURCE);
  private static final CostModel MODEL =
      new CostModel(
          new Costs(
              List.of(
                  cost(VideoCodec.H264, "veryfast", 0.010),
                  cost(VideoCodec.H264, "superfast", 0.007),
                  cost(VideoCodec.H264, "ultrafast", 0.004),
                  cost(VideoCodec.AV1, "10", 0.5 / 30),
                  cost(VideoCodec.AV1, "12", 0.4 / 30)),
              List.of(new PixelCost(1280 * 720, 0.0001)),
              List.of(new PixelCost(1280 * 720, 0.0001)),
              0));

  private final Map<String, Stream> streams = new LinkedHashMap<>();
  private final Map<String, Double> truth = new HashMap<>();
  private double others;

  /** What the server takes beside its encoders, which are in its process here. */
  private double delivery;

  private double ownNs;
  private long nowNs = TimeUnit.HOURS.toNanos(1);

  private static EncoderCost cost(VideoCodec codec, String preset, double seconds) {
    return new EncoderCost(codec, Profile.QUALITY, preset, 1280 * 720, seconds);
  }

  /** What its rungs have spent, and what they were told. */
  private final class Stream implements EncodedStream {
    private final StreamKey key;
    private final Instant since = Instant.EPOCH.plusSeconds(streams.size());
    private final Shedding shedding;
    private final Map<String, Double> spent = new HashMap<>();
    private final Map<String, RungPace> paces = new HashMap<>();
    private final Set<String> off = new HashSet<>();
    private final List<String> told = new ArrayList<>();
    private boolean live = true;
    private boolean encodes = true;
    private int pictures = 1;
    private int waiting;

    Stream(String name, Shedding shedding) {
      this.key = new StreamKey("live", name);
      this.shedding = shedding;
    }

    double cores(PlannedRung planned) {
      String rung = planned.rung().name();
      RungPace pace = paces.getOrDefault(rung, RungPace.FULL);
      return off.contains(rung)
          ? 0
          : MODEL.cores(planned, pace).orElseThrow() * truth.getOrDefault(rung, 1.0);
    }

    double cores() {
      return PLAN.rungs().stream().mapToDouble(this::cores).sum();
    }

    @Override
    public StreamKey key() {
      return key;
    }

    @Override
    public Instant since() {
      return since;
    }

    @Override
    public boolean isLive() {
      return live;
    }

    @Override
    public TranscoderStats stats() {
      List<RungStats> rungs = new ArrayList<>();
      for (PlannedRung planned : encodes ? PLAN.rungs() : List.<PlannedRung>of()) {
        VideoRung rung = planned.rung();
        RungPace pace = paces.getOrDefault(rung.name(), RungPace.FULL);
        rungs.add(
            new RungStats(
                rung.name(),
                "an engine",
                pictures,
                0,
                0,
                0,
                0,
                0,
                Math.round(spent.getOrDefault(rung.name(), 0.0) * 1e9),
                1 / Math.max(0.01, cores(planned)),
                0,
                off.contains(rung.name()),
                false,
                Presets.faster(rung.engine(), rung.preset(), pace.faster()),
                pace.halfRate()));
      }
      return new TranscoderStats(0, 0, 0, 0, 0, 0, waiting, rungs);
    }

    @Override
    public long workerCpuNs() {
      return -1;
    }

    @Override
    public @Nullable LadderPlan plan() {
      return PLAN;
    }

    @Override
    public Shedding shedding() {
      return shedding;
    }

    @Override
    public boolean isForViewers(String rung) {
      return false;
    }

    @Override
    public void shed(String rung, boolean given) {
      if (given ? off.add(rung) : off.remove(rung)) {
        told.add((given ? "-" : "+") + rung);
      }
    }

    @Override
    public void pace(String rung, RungPace pace) {
      paces.put(rung, pace);
      told.add(rung + " " + pace.faster() + (pace.halfRate() ? " half" : ""));
    }
  }

  private Stream publish(String name) {
    Stream stream = new Stream(name, Shedding.of(80, List.of("av1-720p")));
    streams.put(name, stream);
    return stream;
  }

  private double used() {
    return streams.values().stream().mapToDouble(Stream::cores).sum();
  }

  private final Told told = new Told();

  private BudgetService service(@Nullable CostModel model) {
    return new BudgetService(
        () -> List.copyOf(streams.values()),
        (int) CORES,
        () -> Math.max(0, CORES - used() - others),
        () -> Math.round(ownNs),
        model,
        () -> nowNs,
        told);
  }

  private void pass(BudgetService service, double seconds) {
    for (int i = 0; i < seconds * 1_000 / BudgetService.LOOK_MS; i++) {
      nowNs += LOOK_NS;
      ownNs += (used() + delivery) * LOOK_NS;
      for (Stream stream : streams.values()) {
        for (PlannedRung planned : PLAN.rungs()) {
          stream.spent.merge(
              planned.rung().name(), stream.cores(planned) * LOOK_NS / 1e9, Double::sum);
        }
      }
      service.look();
    }
  }

  @Test
  void whatIsPredictedComesToWhatIsMeasured() {
    truth.put("720p", 1.5);
    truth.put("av1-720p", 0.6);
    BudgetService service = service(MODEL);
    publish("a");
    pass(service, 2);
    CpuUse first = service.cpu(new StreamKey("live", "a")).rungs().get("720p");
    assertThat(first.predictedCores().orElseThrow())
        .as("as calibrated")
        .isCloseTo(0.3, within(0.001));
    pass(service, 6);
    assertThat(
            service
                .cpu(new StreamKey("live", "a"))
                .rungs()
                .get("720p")
                .predictedCores()
                .orElseThrow())
        .as("as soon as it is learnt from")
        .isCloseTo(0.45, Percentage.withPercentage(10));
    pass(service, 60);
    for (Map.Entry<String, Double> rung : Map.of("720p", 0.45, "av1-720p", 0.3).entrySet()) {
      CpuUse cpu = service.cpu(new StreamKey("live", "a")).rungs().get(rung.getKey());
      assertThat(cpu.measuredCores()).isCloseTo(rung.getValue(), Percentage.withPercentage(2));
      assertThat(cpu.predictedCores().orElseThrow())
          .isCloseTo(cpu.measuredCores(), Percentage.withPercentage(10));
    }
    publish("b");
    pass(service, 1);
    assertThat(
            service
                .cpu(new StreamKey("live", "b"))
                .rungs()
                .get("720p")
                .predictedCores()
                .orElseThrow())
        .as("a new one of the kind")
        .isCloseTo(0.45, Percentage.withPercentage(10));
  }

  @Test
  void withoutACalibrationNothingIsPredicted() {
    BudgetService service = service(null);
    publish("a");
    pass(service, 60);
    assertThat(service.cpu(new StreamKey("live", "a")).rungs().get("720p").measuredCores())
        .isCloseTo(0.3, Percentage.withPercentage(2));
    assertThat(service.cpu(new StreamKey("live", "a")).rungs().get("720p").predictedCores())
        .isEmpty();
  }

  @Test
  void aRungForWhichThereIsNoRoomWaitsBeforeItHasTakenAnything() {
    BudgetService service = service(MODEL);
    List<Stream> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d")) { // 0.8 cores each, of 3.2
      all.add(publish(name));
      pass(service, 20);
    }
    assertThat(all).allSatisfy(stream -> assertThat(stream.told).isEmpty());
    Stream fifth = publish("e");
    pass(service, 2);
    assertThat(fifth.told).as("the newest stream's").containsExactly("-av1-720p");
    pass(service, 2);
    assertThat(used()).isLessThanOrEqualTo(3.5);
    streams.remove("a");
    streams.remove("b");
    pass(service, 20);
    assertThat(fifth.told).as("comes when there is room").containsExactly("-av1-720p", "+av1-720p");
    assertThat(told.words()).startsWith("rung.waiting").endsWith("rung.resumed");
  }

  @Test
  void whatThereIsNoRoomForIsDecidedBeforeItsEncodersAreThereAndDoneWhenTheyHaveBegun() {
    BudgetService service = service(MODEL);
    for (String name : List.of("a", "b", "c", "d")) { // 0.8 cores each, of 3.2
      publish(name);
      pass(service, 20);
    }
    Stream fifth = publish("e");
    fifth.encodes = false;
    fifth.pictures = 0;
    pass(service, 0.5);
    assertThat(told.words())
        .as("within half a second, 0.8 cores of which its own rung takes 0.5")
        .containsExactly("rung.waiting", "rung.shed");
    fifth.encodes = true;
    pass(service, 1);
    assertThat(fifth.told).as("playlists do not know it yet").isEmpty();
    fifth.pictures = 1;
    pass(service, 0.25);
    assertThat(fifth.told).containsExactly("-av1-720p");
    assertThat(told.words()).hasSize(2);
  }

  @Test
  void aDecoderThatIsBehindOnAFullMachineIsOverload() {
    BudgetService service = service(MODEL);
    Stream only = publish("a");
    pass(service, 10);
    only.waiting = 60;
    pass(service, 10);
    assertThat(only.told).as("the machine has room: it makes that up").isEmpty();
    others = 3.1;
    pass(service, 5);
    assertThat(only.told).startsWith("-av1-720p");
    assertThat(told.words()).startsWith("rung.shed");
  }

  @Test
  void aStreamThatWaitsForItsPublisherTakesNothingAndHoldsNobodyUp() {
    BudgetService service = service(MODEL);
    List<Stream> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e", "f")) { // 0.8 cores each, of 3.2
      all.add(publish(name));
      pass(service, 6);
    }
    assertThat(service.shed()).as("4.8 cores, and 0.5 each").isEqualTo(4);
    for (Stream stream : all.subList(1, 6)) {
      stream.live = false;
      PLAN.rungs().forEach(rung -> stream.off.add(rung.rung().name()));
    }
    pass(service, 6);
    assertThat(service.steps()).isZero();
    assertThat(all.getFirst().off).isEmpty();
  }

  @Test
  void underOverloadRungsThenPresetsThenFrameRatesAndBackAgain() {
    BudgetService service = service(MODEL);
    List<Stream> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d")) { // 0.8 cores each, of 3.2
      all.add(publish(name));
      pass(service, 20);
    }
    truth.put("720p", 2.9); // 0.87 each, 0.61 with the next preset
    pass(service, 30);
    assertThat(all).allSatisfy(stream -> assertThat(stream.told).startsWith("-av1-720p"));
    assertThat(all.get(3).told)
        .as("the newest first")
        .containsExactlyInAnyOrder("-av1-720p", "720p 1", "av1-720p 1");
    assertThat(all.get(2).told).containsExactlyInAnyOrder("-av1-720p", "720p 1", "av1-720p 1");
    assertThat(all.get(1).told).containsExactly("-av1-720p");
    assertThat(service.steps()).isEqualTo(6);
    assertThat(service.shed()).isEqualTo(4);
    assertThat(told.kinds()).startsWith("rung.shed", "ladder.stepped");
    truth.put("720p", 0.8); // room for all, and some to spare
    pass(service, 90);
    for (Stream stream : all) {
      assertThat(stream.off).isEmpty();
      assertThat(stream.paces.getOrDefault("720p", RungPace.FULL)).isEqualTo(RungPace.FULL);
    }
    assertThat(told.kinds())
        .contains("ladder.restored", "rung.resumed")
        .doesNotContain("rung.waiting");
    assertThat(told.words().stream().filter("rung.shed"::equals).count()).isEqualTo(4);
    List<Integer> changes = all.stream().map(stream -> stream.told.size()).toList();
    pass(service, 300);
    assertThat(all.stream().map(stream -> stream.told.size()))
        .as("five minutes without flapping")
        .containsExactlyElementsOf(changes);
  }

  @Test
  void oneEncoderThatIsTooSlowGetsFasterAndNothingElseIsGivenUp() {
    BudgetService service = service(MODEL);
    Stream only = publish("a");
    pass(service, 10);
    truth.put("720p", 3.2); // 0.96 cores: a factor of 1.04
    pass(service, 20);
    assertThat(only.told).containsExactly("720p 1");
    truth.put("720p", 1.0);
    pass(service, 60);
    assertThat(only.told).containsExactly("720p 1", "720p 0");
    assertThat(told.words()).containsExactly("rung.stepped", "rung.restored");
  }

  @Test
  void aStreamThatCannotFitIsRefusedWithTheReason() {
    truth.put("720p", 2.0);
    BudgetService service = service(MODEL);
    StreamSettings settings = settings();
    assertThat(service.refusal(new StreamKey("live", "a"), settings)).isNull();
    for (String name : List.of("a", "b", "c", "d")) { // 720p takes 0.6 each
      publish(name);
      pass(service, 20);
    }
    assertThat(service.refusal(new StreamKey("live", "e"), settings))
        .as("2.4 of 3.2 cores are kept, and another 720p is 0.6")
        .isNull();
    publish("e");
    pass(service, 20);
    assertThat(service.refusal(new StreamKey("live", "f"), settings))
        .contains("no room to encode it")
        .contains("of the budget of 3.20");
    assertThat(service.refusals()).isEqualTo(1);
    assertThat(service(null).refusal(new StreamKey("live", "g"), settings)).isNull();
  }

  @Test
  void presetsMakeRoomForAnotherStreamOnlyWhereTheOperatorNamesThem() {
    truth.put("720p", 1.6);
    truth.put("av1-720p", 0.3);
    BudgetService service = service(MODEL);
    for (String name : List.of("a", "b", "c", "d", "e", "f")) { // of each 0.48 cores are to stay
      publish(name);
      pass(service, 20);
    }
    StreamKey next = new StreamKey("live", "g");
    assertThat(service.refusal(next, settings("av1-720p"))).contains("no room to encode it");
    assertThat(service.refusal(next, settings("av1-720p", "faster", "half-rate")))
        .as("720p by ultrafast at half the rate is 0.1")
        .isNull();
  }

  @Test
  void whatTheServerTakesBesidesIsNotThereForAnotherStream() {
    BudgetService service = service(MODEL);
    for (String name : List.of("a", "b", "c", "d")) { // of each 0.3 cores are to stay
      publish(name);
      pass(service, 20);
    }
    StreamSettings settings = settings();
    assertThat(service.refusal(new StreamKey("live", "e"), settings)).isNull();
    delivery = 1.8; // of 3.6
    pass(service, 30);
    assertThat(service.refusal(new StreamKey("live", "f"), settings))
        .as("0.3 more are there, and 0.8 are not, which it takes as long as all its rungs begin")
        .contains("no room to begin to encode it");
    delivery = 2.4;
    pass(service, 30);
    assertThat(service.refusal(new StreamKey("live", "f"), settings))
        .contains("no room to encode it");
  }

  @Test
  void whatGoesWrongInALookDoesNotEndTheLooks() {
    boolean[] broken = {true};
    BudgetService service =
        new BudgetService(
            () -> {
              if (broken[0]) {
                throw new IllegalStateException("a stream is in the way");
              }
              return List.copyOf(streams.values());
            },
            (int) CORES,
            () -> 4,
            () -> 0,
            MODEL,
            () -> nowNs,
            told);
    publish("a");
    pass(service, 2);
    broken[0] = false;
    pass(service, 2);
    assertThat(service.cpu(new StreamKey("live", "a")).rungs()).containsKey("720p");
  }

  private static StreamSettings settings() {
    return settings("av1-720p");
  }

  private static StreamSettings settings(String... shed) {
    return new StreamSettings(
        StreamPolicy.OnConflict.REJECT,
        Failover.DEFAULT,
        null,
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        Duration.ZERO,
        Duration.ofSeconds(30),
        Duration.ZERO,
        "source",
        LADDER,
        Watched.NONE,
        Shedding.of(80, List.of(shed)),
        Duration.ZERO,
        Subtitles.NONE,
        List.of());
  }
}
