package io.millrace.server.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ShedStep;
import io.millrace.server.live.Shedding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A machine of four cores whose encoders take what they are said to, as far as there is any. */
class GovernorTest {
  private static final double CORES = 4;
  private static final double BUDGET = 3.2;
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(BudgetService.LOOK_MS);
  private static final long HALF_SECOND_NS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final List<ShedStep> SHED =
      Shedding.of(80, List.of("av1-720p", "av1-360p", "720p")).steps();

  private final Governor governor = new Governor();
  private final Map<StreamKey, Map<String, Double>> streams = new LinkedHashMap<>();
  private final TreeSet<String> given = new TreeSet<>();
  private final List<String> told = new ArrayList<>();
  private final Set<String> away = new HashSet<>();
  private double others;
  private long nowNs = TimeUnit.HOURS.toNanos(1);

  private void stream(String name, double source) {
    streams.put(
        new StreamKey("live", name),
        new LinkedHashMap<>(
            Map.of("av1-720p", source, "av1-360p", source / 3, "720p", source / 2, "360p", 0.1)));
  }

  private static String name(StreamKey stream, int place, ShedStep step) {
    String what =
        switch (step) {
          case ShedStep.Pause(String rung) -> rung;
          case ShedStep.All.FASTER -> "faster" + place;
          case ShedStep.All.HALF_RATE -> "half";
        };
    return stream.name() + "/" + what;
  }

  /** Two presets faster and half the pictures: each leaves seven tenths. */
  private double pace(StreamKey stream) {
    double left = 1;
    for (int place = 0; place < SHED.size(); place++) {
      boolean all = SHED.get(place) instanceof ShedStep.All;
      left *= all && given.contains(name(stream, place, SHED.get(place))) ? 0.7 : 1;
    }
    return left;
  }

  private double used(StreamKey stream) {
    double used = 0;
    for (var rung : streams.get(stream).entrySet()) {
      boolean off = given.contains(stream.name() + "/" + rung.getKey());
      used += off ? 0 : rung.getValue() * pace(stream);
    }
    return used;
  }

  private double used() {
    return streams.keySet().stream()
        .filter(key -> !away.contains(key.name()))
        .mapToDouble(this::used)
        .sum();
  }

  private Look look() {
    boolean late = used() + others > CORES;
    List<Look.Stream> all = new ArrayList<>();
    streams.forEach(
        (key, rungs) -> {
          List<Look.Step> steps = new ArrayList<>();
          for (int place = 0; place < SHED.size(); place++) {
            ShedStep step = SHED.get(place);
            double frees =
                given.contains(name(key, place, step))
                    ? 0
                    : switch (step) {
                      case ShedStep.Pause(String rung) -> rungs.get(rung) * pace(key);
                      case ShedStep.All _ -> used(key) * 0.3;
                    };
            steps.add(new Look.Step(step, frees, false));
          }
          if (!away.contains(key.name())) {
            all.add(new Look.Stream(key, BUDGET, steps, late ? "360p" : "", false));
          }
        });
    double used = Math.min(used(), CORES - Math.min(others, CORES));
    Set<StreamKey> waiting = new HashSet<>();
    away.forEach(name -> waiting.add(new StreamKey("live", name)));
    return new Look(used, Math.max(0, CORES - used() - others), 0, all, waiting);
  }

  private void pass(int seconds) {
    pass(TimeUnit.SECONDS.toNanos(seconds));
  }

  private void pass(long ns) {
    for (long passedNs = 0; passedNs < ns; passedNs += LOOK_NS) {
      nowNs += LOOK_NS;
      for (Decision decision : governor.look(look(), nowNs)) {
        String step = name(decision.stream(), decision.place(), decision.step());
        told.add((decision.given() ? "-" : "+") + step);
        assertThat(decision.reason()).isNotEmpty();
        assertThat(decision.given() ? given.add(step) : given.remove(step)).isTrue();
      }
    }
  }

  @Test
  void nothingGoesWhileThereIsRoom() {
    stream("a", 1);
    pass(60);
    assertThat(told).isEmpty();
  }

  @Test
  void rungsGoInTheOperatorsOrderOverAllStreamsNewestFirst() {
    stream("a", 1);
    stream("b", 1);
    stream("c", 1);
    pass(2);
    assertThat(told).as("within two seconds").startsWith("-c/av1-720p");
    pass(8);
    assertThat(told).containsExactly("-c/av1-720p", "-b/av1-720p", "-a/av1-720p");
    assertThat(used()).isLessThanOrEqualTo(BUDGET);
    assertThat(governor.rungs()).isEqualTo(3);
    pass(300);
    assertThat(told).as("five minutes without flapping").hasSize(3);
  }

  @Test
  void whatWasGivenUpComesBackWhenTheLoadLeaves() {
    stream("a", 1);
    stream("b", 1);
    stream("c", 1);
    pass(10);
    streams.remove(new StreamKey("live", "b"));
    streams.remove(new StreamKey("live", "c"));
    told.clear();
    pass(10);
    assertThat(told).containsExactly("+a/av1-720p");
    assertThat(governor.steps()).isZero();
  }

  @Test
  void asManyRungsGoAtOnceAsTakeWhatIsTooMuch() {
    for (String name : List.of("a", "b", "c", "d")) { // 1.93 cores each
      stream(name, 1);
    }
    pass(1);
    assertThat(told)
        .as("the second look of overload: the machine is full, which is 0.8 cores too much")
        .containsExactly("-d/av1-720p");
    pass(9);
    assertThat(told)
        .startsWith("-d/av1-720p", "-c/av1-720p", "-b/av1-720p", "-a/av1-720p", "-d/av1-360p");
    assertThat(used()).isLessThanOrEqualTo(BUDGET);
  }

  @Test
  void whatIsExpectedOfANewStreamGoesAtOneLook() {
    StreamKey key = new StreamKey("live", "a");
    List<Look.Step> steps = new ArrayList<>();
    for (ShedStep step : SHED) {
      steps.add(new Look.Step(step, 0.5, true));
    }
    Look tooMuch = new Look(4.1, 1, List.of(new Look.Stream(key, BUDGET, steps, "", false)));
    assertThat(governor.look(tooMuch, nowNs)).isEmpty();
    assertThat(governor.look(tooMuch, nowNs + HALF_SECOND_NS))
        .as("0.9 cores too much")
        .extracting(decision -> name(decision.stream(), decision.place(), decision.step()))
        .containsExactly("a/av1-720p", "a/av1-360p");
  }

  private Look.Stream stream(String name, double cores, String late, double lacking) {
    List<Look.Step> steps = new ArrayList<>();
    for (ShedStep step : SHED) {
      steps.add(new Look.Step(step, cores, false));
    }
    return new Look.Stream(
        new StreamKey("live", name), BUDGET, steps, late, lacking, !late.isEmpty(), false);
  }

  private List<String> decide(Look look, long atNs) {
    return governor.look(look, atNs).stream()
        .map(decision -> name(decision.stream(), decision.place(), decision.step()))
        .toList();
  }

  @Test
  void whatAFullMachineHasNoRoomForGoesBeforeItHasBegun() {
    List<Look.Stream> both = List.of(stream("a", 0.2, "", 0), stream("b", 0.2, "", 0));
    Look full = new Look(2, 0.25, 0.6, both, Set.of());
    assertThat(decide(full, nowNs)).isEmpty();
    assertThat(decide(full, nowNs + LOOK_NS))
        .as("0.35 cores too much, though the budget has 1.2 left")
        .containsExactly("b/av1-720p", "a/av1-720p");
    Look roomy = new Look(2, 0.65, 0.6, both, Set.of());
    assertThat(decide(roomy, nowNs + 4 * LOOK_NS)).isEmpty();
    Look alone = new Look(1, 0.25, 0.6, List.of(stream("a", 0.2, "", 0)), Set.of());
    assertThat(decide(alone, nowNs + 5 * LOOK_NS)).isEmpty();
    assertThat(decide(alone, nowNs + 6 * LOOK_NS)).as("one stream starts").isEmpty();
  }

  @Test
  void asManyRungsGoAtOnceAsLateOnesLack() {
    Look late =
        new Look(2, 0.5, List.of(stream("a", 0.2, "", 0), stream("b", 0.2, "av1-720p", 0.3)));
    assertThat(decide(late, nowNs)).isEmpty();
    assertThat(decide(late, nowNs + LOOK_NS)).containsExactly("b/av1-720p", "a/av1-720p");
  }

  @Test
  void whatWasGivenUpComesBackAMomentAfterAStreamHasLeft() {
    stream("a", 1);
    stream("b", 1);
    stream("c", 1);
    pass(10);
    streams.remove(new StreamKey("live", "b"));
    streams.remove(new StreamKey("live", "c"));
    told.clear();
    pass(2);
    assertThat(told).containsExactly("+a/av1-720p");
    pass(300);
    assertThat(told).as("and stays").hasSize(1);
  }

  @Test
  void nothingComesBackIntoWhatOthersAreAboutToTake() {
    Look.Stream both = stream("a", 0.5, "", 0);
    Look tooMuch = new Look(BUDGET + 0.4, 0.5, List.of(both));
    assertThat(decide(tooMuch, nowNs)).isEmpty();
    assertThat(decide(tooMuch, nowNs + LOOK_NS)).containsExactly("a/av1-720p");
    long laterNs = nowNs + TimeUnit.SECONDS.toNanos(1);
    Look coming = new Look(1, 1, 0.5, List.of(both), Set.of());
    for (int i = 0; i < 40; i++) {
      assertThat(decide(coming, laterNs + i * LOOK_NS)).isEmpty();
    }
    Look there = new Look(1, 1, 0, List.of(both), Set.of());
    assertThat(decide(there, laterNs + 40 * LOOK_NS)).containsExactly("a/av1-720p");
  }

  @Test
  void onAFullMachineAllGoesThatHasJustBegun() {
    List<Look.Step> steady = new ArrayList<>();
    List<Look.Step> starting = new ArrayList<>();
    for (ShedStep step : SHED) {
      steady.add(new Look.Step(step, 0.2, false));
      starting.add(new Look.Step(step, 0.2, step instanceof ShedStep.Pause));
    }
    StreamKey older = new StreamKey("live", "a");
    StreamKey newer = new StreamKey("live", "b");
    List<Look.Stream> both =
        List.of(
            new Look.Stream(older, BUDGET, steady, "360p", false),
            new Look.Stream(newer, BUDGET, starting, "", false));
    assertThat(governor.look(new Look(2, 0.1, both), nowNs)).isEmpty();
    assertThat(governor.look(new Look(2, 0.1, both), nowNs + HALF_SECOND_NS))
        .as("up to the older one's first, in the order of the list")
        .extracting(decision -> name(decision.stream(), decision.place(), decision.step()))
        .containsExactly("b/av1-720p");
    assertThat(governor.look(new Look(2, 0.1, both), nowNs + 3 * HALF_SECOND_NS))
        .as("the older one's, and what has begun behind it")
        .extracting(decision -> name(decision.stream(), decision.place(), decision.step()))
        .containsExactly("a/av1-720p", "b/av1-360p");
    assertThat(governor.look(new Look(2, 1, both), nowNs + 5 * HALF_SECOND_NS))
        .as("with room left one encoder may be late for itself")
        .hasSize(1);
  }

  @Test
  void presetsGoOneAtATime() {
    StreamKey key = new StreamKey("live", "a");
    List<Look.Step> steps = new ArrayList<>();
    for (ShedStep step : SHED) {
      steps.add(new Look.Step(step, 0.1, false));
    }
    Look tooMuch = new Look(9, 0, List.of(new Look.Stream(key, BUDGET, steps, "", false)));
    assertThat(governor.look(tooMuch, nowNs)).isEmpty();
    assertThat(governor.look(tooMuch, nowNs + HALF_SECOND_NS)).as("all three rungs").hasSize(3);
    assertThat(governor.look(tooMuch, nowNs + 2 * HALF_SECOND_NS)).isEmpty();
    assertThat(governor.look(tooMuch, nowNs + 3 * HALF_SECOND_NS)).hasSize(1);
    assertThat(governor.look(tooMuch, nowNs + 5 * HALF_SECOND_NS)).hasSize(1);
  }

  @Test
  void presetsOfAsManyStreamsGoAsItTakes() {
    List<Look.Stream> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      List<Look.Step> steps = new ArrayList<>();
      for (ShedStep step : SHED) {
        steps.add(new Look.Step(step, step instanceof ShedStep.Pause ? 0 : 0.1, false));
      }
      all.add(
          new Look.Stream(new StreamKey("live", name), BUDGET, steps, "360p", 0.05, false, false));
    }
    Look late = new Look(2, 0, all);
    assertThat(decide(late, nowNs)).isEmpty();
    assertThat(decide(late, nowNs + LOOK_NS))
        .as("0.15 cores are lacking")
        .containsExactly("c/faster3", "b/faster3");
  }

  @Test
  void aDecoderThatHasJustBegunCostsRungsAndNoPresets() {
    assertThat(decide(beginning(true, 0.2), nowNs)).isEmpty();
    assertThat(decide(beginning(true, 0.2), nowNs + LOOK_NS)).containsExactly("a/av1-720p");
    long laterNs = nowNs + TimeUnit.MINUTES.toNanos(1);
    for (int i = 0; i < 20; i++) {
      assertThat(decide(beginning(true, 0), laterNs + i * LOOK_NS)).isEmpty();
    }
    laterNs += TimeUnit.MINUTES.toNanos(1);
    assertThat(decide(beginning(false, 0), laterNs)).isEmpty();
    assertThat(decide(beginning(false, 0), laterNs + LOOK_NS)).containsExactly("a/faster3");
  }

  /** Its decoder is late. */
  private static Look beginning(boolean justBegun, double rungs) {
    List<Look.Step> steps = new ArrayList<>();
    for (ShedStep step : SHED) {
      steps.add(new Look.Step(step, step instanceof ShedStep.Pause ? rungs : 0.1, false));
    }
    StreamKey key = new StreamKey("live", "a");
    return new Look(
        2, 0, List.of(new Look.Stream(key, BUDGET, steps, "decoding", 0, false, justBegun)));
  }

  @Test
  void whatAStreamWithoutItsPublisherHasGivenUpIsInNobodysWay() {
    stream("a", 1);
    stream("b", 1);
    stream("c", 1);
    pass(10);
    assertThat(told).containsExactly("-c/av1-720p", "-b/av1-720p", "-a/av1-720p");
    away.add("a");
    away.add("b");
    told.clear();
    pass(10);
    assertThat(told).containsExactly("+c/av1-720p");
    assertThat(governor.steps()).as("of those that are there").isZero();
    away.remove("b");
    pass(10);
    assertThat(told).as("it comes back as it went").containsExactly("+c/av1-720p");
    assertThat(governor.steps()).isEqualTo(1);
  }

  /**
   * Nobody knows how much late encoders lack where the load is others': one, then two, then four.
   */
  @Test
  void moreGoesEachTimeOnAMachineThatStaysFull() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      stream(name, 0.1);
    }
    others = 3.4; // of the streams' 1.4 cores 0.8 are too much
    List<Integer> atOnce = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int before = told.size();
      pass(LOOK_NS);
      if (told.size() > before) {
        atOnce.add(told.size() - before);
      }
    }
    assertThat(atOnce).startsWith(1, 2, 4);
    assertThat(told)
        .startsWith("-e/av1-720p", "-d/av1-720p", "-c/av1-720p", "-b/av1-720p", "-a/av1-720p")
        .noneMatch(step -> step.contains("/360p"));
  }

  @Test
  void loadOfOthersCountsToo() {
    stream("a", 1);
    others = 3;
    pass(10);
    assertThat(told).containsExactly("-a/av1-720p");
    pass(120);
    assertThat(told).as("there is no room for it").hasSize(1);
    others = 0;
    pass(10);
    assertThat(told).containsExactly("-a/av1-720p", "+a/av1-720p");
  }

  @Test
  void aRungThatFailsAgainAndAgainWaitsLongerEachTime() {
    stream("a", 1);
    for (int i = 0; i < 200; i++) { // somebody takes the machine whenever it is idle for long
      others = given.isEmpty() ? 3 : 0;
      pass(6);
    }
    long returns = told.stream().filter(line -> line.startsWith("+")).count();
    assertThat(returns).as("in twenty minutes").isBetween(3L, 9L);
  }

  @Test
  void whatWaitsLongerComesAtOnceWhenAStreamLeaves() {
    stream("a", 1);
    stream("b", 1);
    for (int i = 0; i < 20; i++) { // somebody takes the machine whenever it is idle for long
      others = given.isEmpty() ? 3 : 0;
      pass(6);
    }
    others = 3;
    pass(6);
    others = 0;
    assertThat(given).isNotEmpty();
    told.clear();
    streams.remove(new StreamKey("live", "b"));
    pass(6);
    assertThat(told).contains("+a/av1-720p");
  }

  @Test
  void rungsThenPresetsThenHalfTheFrameRateThenNewStreams() {
    stream("a", 5);
    others = 3.92;
    pass(30);
    assertThat(told)
        .as("0.08 cores are left, and 360p takes 0.1")
        .containsExactly("-a/av1-720p", "-a/av1-360p", "-a/720p", "-a/faster3");
    assertThat(governor.isExhausted()).isFalse();
    assertThat(governor.isCrowded()).as("the preset was enough").isFalse();
    others = 4;
    pass(10);
    assertThat(told).endsWith("-a/faster4", "-a/half");
    assertThat(governor.isExhausted()).isTrue();
    assertThat(governor.isCrowded()).isTrue();
    others = 0;
    pass(1);
    assertThat(governor.isExhausted()).isFalse();
    assertThat(governor.isCrowded()).isFalse();
  }

  @Test
  void everythingComesBackInReverse() {
    stream("a", 1);
    others = 3.96;
    pass(30);
    assertThat(told).hasSize(6);
    told.clear();
    others = 0;
    pass(60);
    assertThat(told)
        .containsExactly(
            "+a/half", "+a/faster4", "+a/faster3", "+a/720p", "+a/av1-360p", "+a/av1-720p");
    pass(300);
    assertThat(told).as("and stays").hasSize(6);
  }

  @Test
  void aStepThatChangesNothingIsPassedOver() {
    streams.put(
        new StreamKey("live", "a"),
        new LinkedHashMap<>(Map.of("av1-720p", 0.0, "av1-360p", 2.0, "720p", 2.0)));
    pass(5);
    assertThat(told).containsExactly("-a/av1-360p");
  }
}
