package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.Clips;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.VideoCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What may be given up waits for what may not, in the order of the list. */
class StandingBackTest {
  private static final Ladder LADDER =
      new Ladder(
          List.of(
              VideoRung.of("360p", VideoCodec.H264, 180, 300_000, Profile.FAST),
              VideoRung.of("180p", VideoCodec.H264, 90, 200_000, Profile.FAST),
              VideoRung.of("90p", VideoCodec.H264, 64, 100_000, Profile.FAST)),
          null,
          Ladder.HdrMode.TONEMAP,
          Ladder.Upscale.NEVER,
          List.of("90p", "elsewhere", "360p"));

  @Test
  void whatIsGivenUpFirstStandsBackMost() {
    assertThat(LADDER.standsBack("90p")).isEqualTo(7);
    assertThat(LADDER.standsBack("360p")).as("the last of those that there are").isEqualTo(4);
    assertThat(LADDER.standsBack("180p")).as("nobody gives it up").isZero();
    assertThat(LADDER.with(LADDER.video(), AudioRung.PASSTHROUGH).standsBack("90p")).isEqualTo(7);
  }

  @Test
  void encodersAndTheirThreadsAreAsNiceAsTheirRung() {
    assumeTrue(Files.exists(Path.of("/proc/thread-self/stat")), "Linux only");
    Map<Integer, Integer> nicenessByHeight = new ConcurrentHashMap<>();
    VideoEncoders noting =
        (settings, account) -> {
          nicenessByHeight.put(settings.height(), niceness());
          return LadderRun.ENGINES.open(settings, account);
        };
    RecordingSink clip = Clips.record(Clips.small(), 1000);
    try (LadderRun run =
        new LadderRun(LADDER, clip.videoFormat(), noting, TranscoderSettings.OFFLINE)) {
      run.feed(Clips.live(clip));
      run.awaitEnds();
    }
    int own = niceness();
    assertThat(nicenessByHeight)
        .containsEntry(90, own)
        .containsEntry(180, Math.min(19, own + 4))
        .containsEntry(64, Math.min(19, own + 7));
  }

  /** Field 19 of proc_pid_stat(5), counted behind the name, which may have blanks. */
  private static int niceness() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
