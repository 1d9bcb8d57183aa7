package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.millrace.server.config.SignalLoss;
import io.millrace.server.live.ReconnectSimulation.Seen;
import io.millrace.server.live.SimulatedPublisher.Habits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Losses that are covered as {@code on_signal_loss} says, for a day: no hole, sound and picture
 * together, and no error that adds up. {@code -Dmillrace.seed=N} runs another seed.
 */
class CoveredLossSimulationTest {
  private static final long SECOND_US = 1_000_000;
  private static final int MINUTES = 24 * 60;

  /** The picture catches up for so long when a publisher is back: see {@link InputClock}. */
  private static final long CATCH_UP_MS = 200;

  /** One frame at 25 pictures a second, though the simulation has fewer. */
  private static final double FRAME_MS = 40;

  private static final SignalLoss RULE =
      new SignalLoss(
          Duration.ofSeconds(1),
          Duration.ofMillis(1_500),
          SignalLoss.Then.SLATE,
          null,
          Duration.ofSeconds(30));

  private final Logger log = (Logger) LoggerFactory.getLogger("io.millrace.server.live");
  private final Level level = log.getLevel();

  /** A warning for each of more than a thousand losses is no news here. */
  @BeforeEach
  void logLess() {
    log.setLevel(Level.ERROR);
  }

  @AfterEach
  void logAsBefore() {
    log.setLevel(level);
  }

  /** A loss every minute, with sound cards that drift: pictures at 5 fps, for speed. */
  @Test
  void aDayWithALossEveryMinuteKeepsSoundAndPictureTogether() {
    int seed = Integer.getInteger("millrace.seed", 1);
    Random random = new Random(seed);
    ReconnectSimulation simulation = new ReconnectSimulation(random, RULE);
    List<Long> lateUs = new ArrayList<>();
    for (int minute = 0; minute < MINUTES; minute++) {
      SimulatedPublisher publisher = simulation.connect(Habits.sparse(random));
      simulation.run(53 * SECOND_US + random.nextLong(6 * SECOND_US));
      lateUs.add(simulation.lateUs(publisher));
      simulation.kill(publisher);
      simulation.run((minute + 1) * 60 * SECOND_US - simulation.nowUs());
    }
    long losses = simulation.stream().inputs().signalLosses();
    simulation.end();
    assertThat(losses).isEqualTo(MINUTES);
    nothingIsMissing(simulation);
    simulation.publishers.forEach(each -> soundAndPictureAreTogether(simulation, each));
    assertThat(lateUs)
        .as("off the wall clock, seed %d", seed)
        .allSatisfy(each -> assertThat(Math.abs(each)).isLessThan(500_000));
  }

  private static void nothingIsMissing(ReconnectSimulation simulation) {
    ShownTrack video = simulation.shown.get(ReconnectSimulation.VIDEO);
    ShownTrack audio = simulation.shown.get(ReconnectSimulation.AUDIO);
    Habits habits = simulation.publishers.getFirst().habits;
    long pictureTicks = 360_000L / 5;
    assertThat(video.widestStepTicks())
        .as("from picture to picture; RTMP counts milliseconds")
        .isLessThanOrEqualTo(pictureTicks + 360);
    assertThat(video.narrowestStepTicks()).isPositive();
    assertThat(audio.widestStepTicks())
        .as("from sound to sound: less than one frame is missing")
        .isLessThan(2 * 1024);
    assertThat(audio.narrowestStepTicks()).as("sound does not overlap").isBetween(1_000L, 1_024L);
    assertThat(video.joins()).isEqualTo(2 * MINUTES - 1);
    assertThat(audio.joins()).isEqualTo(2 * MINUTES - 1);
    long endsApartUs =
        video.lastTicks() * 1_000 / 360 - audio.lastTicks() * 1_000_000 / habits.sampleRate();
    assertThat(Math.abs(endsApartUs)).as("the end of both tracks").isLessThan(200_000);
    simulation.playlists.forEach(
        (rendition, playlist) -> {
          // A slate that is over at once may be shorter than a frame of sound (0.128 s here).
          assertThat(playlist.known().values())
              .filteredOn(PlaylistFollower.Entry::gap)
              .as("%s: segments without a frame", rendition)
              .allSatisfy(
                  entry -> {
                    assertThat(rendition).isEqualTo(ReconnectSimulation.AUDIO);
                    assertThat(entry.durationUs()).isLessThan(128_000);
                  });
          assertThat(
                  playlist.known().values().stream()
                      .filter(PlaylistFollower.Entry::discontinuity)
                      .count())
              .as("%s: one discontinuity at each change of format", rendition)
              .isEqualTo(2 * MINUTES - 1);
        });
  }

  private static void soundAndPictureAreTogether(
      ReconnectSimulation simulation, SimulatedPublisher publisher) {
    Seen seen = simulation.seen.getOrDefault(publisher.number, new Seen());
    assertThat(seen.video).as("pictures of %s", publisher.number).hasSizeGreaterThan(5 * 45);
    assertThat(seen.video.getLast().frame()).isEqualTo(publisher.deliveredVideo.getLast());
    long fromTicks = seen.video.getFirst().ptsTicks() + CATCH_UP_MS * 360;
    double lowest = Double.MAX_VALUE;
    double highest = -Double.MAX_VALUE;
    for (SegmentFrames.Frame frame : seen.video) {
      if (frame.ptsTicks() >= fromTicks) {
        double offset = frame.ptsTicks() / 360.0 - frame.capturedUs() / 1_000.0;
        lowest = Math.min(lowest, offset);
        highest = Math.max(highest, offset);
      }
    }
    for (SegmentFrames.Frame frame : seen.audio) {
      double offset =
          frame.ptsTicks() * 1_000.0 / publisher.habits.sampleRate() - frame.capturedUs() / 1_000.0;
      lowest = Math.min(lowest, offset);
      highest = Math.max(highest, offset);
    }
    assertThat(highest - lowest)
        .as("publisher %d %s: between sound and picture", publisher.number, publisher.habits)
        .isLessThan(FRAME_MS);
  }
}
