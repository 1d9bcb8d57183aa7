package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Two streams, the first from 0 s on, the second from 10 s to 30 s. */
class AccountTest {
  private static final List<Feed.Course> FEEDS =
      List.of(
          new Feed.Course("live/s1", 0, 10, 0, ""),
          new Feed.Course("live/s2", 10_000, 10_010, 30_000, ""),
          new Feed.Course("live/s3", 20_000, 20_010, 0, "no room"));

  private static Step step(long atMs, String stream, String what, boolean given) {
    return new Step(atMs, stream, what, given, "for a reason");
  }

  private static Sample.Encoder encoder(boolean paused, long dropped) {
    return new Sample.Encoder(paused, false, 0, 0, 0, 0, dropped);
  }

  private static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (long atMs = 500; atMs <= 60_000; atMs += 500) {
      Map<String, Sample.Encoder> encoders = new TreeMap<>();
      encoders.put("live/s1 720p", encoder(atMs >= 12_000 && atMs < 38_000, 1));
      if (atMs >= 11_000) { // its encoders are still listed when its publisher has left
        encoders.put("live/s2 720p", encoder(atMs >= 12_000, 2));
      }
      int steps = atMs < 12_000 ? 0 : atMs < 36_000 ? 2 : 0;
      samples.add(new Sample(atMs, encoders, Map.of(), Map.of(), steps, atMs / 1_000));
    }
    return samples;
  }

  private static Account account(Step... steps) {
    return new Account(FEEDS, List.of(steps), samples(), 30_000, 60_000);
  }

  @Test
  void aStepBelongsToTheStreamBeforeIt() {
    Account account =
        account(
            step(12_000, "live/s2", "av1-720p", true), step(13_000, "live/s1", "av1-720p", true));
    List<Account.Addition> additions = account.additions();
    assertThat(additions.getFirst().steps()).isEmpty();
    assertThat(additions.get(1).steps()).hasSize(2);
    assertThat(additions.get(1).afterEncodersMs(additions.get(1).steps().getFirst()))
        .isEqualTo(1_000);
    assertThat(account.outOfOrder()).isEmpty();
    assertThat(account.dropped("720p")).isEqualTo(3);
    assertThat(account.mostIngestBytes()).isEqualTo(60);
    assertThat(account.lastingIngestBytes())
        .as("of which the last look but one saw 59")
        .isEqualTo(59);
    assertThat(account.ingestAbove(58))
        .extracting(Sample::atMs)
        .containsExactly(59_000L, 59_500L, 60_000L);
  }

  @Test
  void anOlderStreamsStepBeforeANewerOnesIsOutOfOrder() {
    assertThat(account(step(13_000, "live/s1", "av1-720p", true)).outOfOrder())
        .containsExactly("live/s1 av1-720p before live/s2 av1-720p");
  }

  @Test
  void aLaterStepBeforeAnEarlierOneIsOutOfOrder() {
    assertThat(account(step(5_000, "live/s1", "av1-360p", true)).outOfOrder())
        .containsExactly("live/s1 av1-360p before live/s1 av1-720p");
    assertThat(account(step(5_000, "live/s1", "faster", true)).outOfOrder()).hasSize(3);
  }

  @Test
  void whatCameBackHasToGoFirstAgain() {
    assertThat(
            account(
                    step(5_000, "live/s1", "av1-720p", true),
                    step(6_000, "live/s1", "av1-720p", false),
                    step(7_000, "live/s1", "av1-360p", true))
                .outOfOrder())
        .hasSize(1);
  }

  @Test
  void recoveryIsWhenEveryRungIsEncodedAgain() {
    assertThat(account().recoveryMs()).hasValue(8_000);
  }

  @Test
  void decisionsAfterTheLoadHasLeftAndReturnsUnderIt() {
    Account account =
        account(
            step(20_000, "live/s1", "720p", false),
            step(35_000, "live/s1", "720p", false),
            step(45_000, "live/s1", "720p", true));
    assertThat(account.stepsAfter(10_000)).hasSize(1);
    assertThat(account.returnsUnderLoad()).hasSize(1);
  }
}
