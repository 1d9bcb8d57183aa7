package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.live.ReconnectSimulation.Seen;
import io.millrace.server.live.SimulatedPublisher.Habits;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Publishers that are killed, fall silent, come back and take over, a thousand times: what viewers
 * see goes on. {@code -Dmillrace.seed=N} runs one seed alone.
 */
class ReconnectSimulationTest {
  private static final int KILLS = 50;
  private static final long SECOND_US = 1_000_000;

  static IntStream seeds() {
    Integer one = Integer.getInteger("millrace.seed");
    return one == null ? IntStream.range(0, 20) : IntStream.of(one);
  }

  /** A run of a simulation, replayable. */
  private interface Script {
    void play(ReconnectSimulation simulation, Random random);
  }

  private static void simulate(int seed, Script script) {
    Random random = new Random(seed);
    ReconnectSimulation simulation = new ReconnectSimulation(random);
    try {
      script.play(simulation, random);
      simulation.end();
      onlyFramesInFlightAreLost(simulation);
      soundAndPictureStayTogether(simulation);
      discontinuitiesAreFormatChanges(simulation);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed %d after %d s: replay with -Dmillrace.seed=%d"
              .formatted(seed, simulation.nowUs() / SECOND_US, seed),
          e);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void fiftyKillsAndReconnectsAreOneStream(int seed) {
    simulate(
        seed,
        (simulation, random) -> {
          int configuration = 0;
          SimulatedPublisher current = simulation.connect(Habits.random(random, configuration));
          for (int kill = 0; kill < KILLS; kill++) {
            simulation.run(sessionUs(random));
            configuration += random.nextInt(8) == 0 ? 1 : 0;
            interrupt(simulation, current);
            current = simulation.connect(Habits.random(random, configuration));
          }
          simulation.run(5 * SECOND_US);
        });
  }

  /** One publisher takes over from the other, again and again: no error adds up. */
  @ParameterizedTest
  @MethodSource("seeds")
  void takeoversInARowDoNotMoveTheClock(int seed) {
    simulate(
        seed,
        (simulation, random) -> {
          for (int i = 0; i < 40; i++) {
            SimulatedPublisher publisher = simulation.connect(Habits.random(random, 0));
            simulation.run(SECOND_US + random.nextLong(6 * SECOND_US));
            long lateUs = simulation.lateUs(publisher);
            assertThat(Math.abs(lateUs))
                .as("takeover %d: off the wall clock", i)
                .isLessThan(500_000);
          }
        });
  }

  /** A loss every minute for a day, with sound cards that drift: pictures at 5 fps, for speed. */
  @Test
  void aDayWithALossEveryMinuteIsOneStream() {
    simulate(
        1,
        (simulation, random) -> {
          for (int minute = 0; minute < 24 * 60; minute++) {
            SimulatedPublisher publisher = simulation.connect(Habits.sparse(random));
            simulation.run(55 * SECOND_US + random.nextLong(4 * SECOND_US));
            simulation.kill(publisher);
            simulation.run((minute + 1) * 60 * SECOND_US - simulation.nowUs());
          }
          assertThat(simulation.playlists.get(ReconnectSimulation.VIDEO).known().size())
              .isBetween(24 * 3600 / 3, 24 * 3600);
        });
  }

  private static long sessionUs(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextLong(SECOND_US / 2);
      case 1 -> 10 * SECOND_US + random.nextLong(15 * SECOND_US);
      default -> random.nextLong(6 * SECOND_US);
    };
  }

  private static void interrupt(ReconnectSimulation simulation, SimulatedPublisher current) {
    Random random = simulation.random;
    switch (random.nextInt(6)) {
      case 0 -> {} // taken over while it sends
      case 1 -> {
        current.silent = true; // taken over when its network has gone
        simulation.run(random.nextLong(4 * SECOND_US));
      }
      case 2 -> {
        simulation.kill(current);
        simulation.run(8 * SECOND_US + random.nextLong(20 * SECOND_US));
      }
      default -> {
        simulation.kill(current);
        simulation.run(random.nextLong(4 * SECOND_US));
      }
    }
  }

  private static void onlyFramesInFlightAreLost(ReconnectSimulation simulation) {
    for (SimulatedPublisher publisher : simulation.publishers) {
      Seen seen = simulation.seen.getOrDefault(publisher.number, new Seen());
      List<Integer> video = seen.video.stream().map(SegmentFrames.Frame::frame).toList();
      List<Integer> audio = seen.audio.stream().map(SegmentFrames.Frame::frame).toList();
      String who = "publisher %d %s".formatted(publisher.number, publisher.habits);
      isRun(video, who + " video");
      isRun(audio, who + " audio");
      if (video.isEmpty()) {
        if (!publisher.takenOver && !publisher.tookOver) {
          assertThat(publisher.firstKey).as("%s: no key frame came", who).isNegative();
        }
        continue;
      }
      assertThat(publisher.isKey(video.getFirst())).as("%s: begins at a key frame", who).isTrue();
      if (!publisher.tookOver) {
        assertThat(video.getFirst()).as("%s: first picture", who).isEqualTo(publisher.firstKey);
      }
      if (!publisher.takenOver) {
        assertThat(video.getLast())
            .as("%s: last picture", who)
            .isEqualTo(publisher.deliveredVideo.getLast());
        int sound = publisher.deliveredAudio.isEmpty() ? -1 : publisher.deliveredAudio.getLast();
        boolean shown =
            sound >= 0 && publisher.audioUs(sound) >= seen.video.getFirst().capturedUs();
        // sound from before the first picture, or that the publisher before has had, is left out
        if (!audio.isEmpty() || (shown && !publisher.tookOver)) {
          assertThat(audio.isEmpty() ? -1 : audio.getLast())
              .as("%s: last sound", who)
              .isEqualTo(sound);
        }
      }
    }
  }

  private static void isRun(List<Integer> frames, String who) {
    for (int i = 1; i < frames.size(); i++) {
      assertThat(frames.get(i)).as("%s: next frame", who).isEqualTo(frames.get(i - 1) + 1);
    }
  }

  private static void soundAndPictureStayTogether(ReconnectSimulation simulation) {
    for (Map.Entry<Integer, Seen> entry : simulation.seen.entrySet()) {
      SimulatedPublisher publisher = simulation.publishers.get(entry.getKey());
      Seen seen = entry.getValue();
      if (seen.video.isEmpty() || seen.audio.isEmpty()) {
        continue;
      }
      long videoFromUs =
          seen.video.getFirst().capturedUs() + (publisher.tookOver ? 4 * SECOND_US : 0);
      double lowest = Double.MAX_VALUE;
      double highest = -Double.MAX_VALUE;
      for (SegmentFrames.Frame frame : seen.video) {
        if (frame.capturedUs() >= videoFromUs) {
          double offset = frame.ptsTicks() / 360.0 - frame.capturedUs() / 1_000.0;
          lowest = Math.min(lowest, offset);
          highest = Math.max(highest, offset);
        }
      }
      if (lowest > highest) {
        continue;
      }
      for (SegmentFrames.Frame frame : seen.audio) {
        double offset =
            frame.ptsTicks() * 1_000.0 / publisher.habits.sampleRate()
                - frame.capturedUs() / 1_000.0;
        lowest = Math.min(lowest, offset);
        highest = Math.max(highest, offset);
      }
      double frameMs = 1_000 / publisher.habits.frameRate().toDouble();
      assertThat(highest - lowest)
          .as("publisher %d %s: between sound and picture", publisher.number, publisher.habits)
          .isLessThan(frameMs);
    }
  }

  private static void discontinuitiesAreFormatChanges(ReconnectSimulation simulation) {
    int changes = 0;
    Object last = null;
    for (int number : simulation.seen.keySet()) {
      Object format = simulation.publishers.get(number).videoFormat();
      changes += last == null || last.equals(format) ? 0 : 1;
      last = format;
    }
    TreeMap<Long, PlaylistFollower.Entry> video =
        simulation.playlists.get(ReconnectSimulation.VIDEO).known();
    assertThat(video.values().stream().filter(PlaylistFollower.Entry::discontinuity).count())
        .as("discontinuities")
        .isEqualTo(changes);
    simulation
        .playlists
        .get(ReconnectSimulation.AUDIO)
        .known()
        .forEach(
            (sequence, entry) ->
                assertThat(entry.discontinuity())
                    .as("discontinuity of %s", entry)
                    .isEqualTo(video.get(sequence).discontinuity()));
  }
}
