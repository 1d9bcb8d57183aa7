package io.millrace.loadtest.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.loadtest.process.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Every fuzz target for some seconds, two at a time. A failure has the input that broke it and the
 * command that runs it again; the input is also kept in {@code
 * loadtest/target/fuzz/build/findings}.
 *
 * <p>{@code -Dmillrace.fuzz.seconds=N} fuzzes each for longer.
 */
@Isolated
class FuzzTest {
  private static final Duration EACH =
      Duration.ofSeconds(Integer.getInteger("millrace.fuzz.seconds", 2));
  private static final ExecutorService TWO = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    TWO.shutdownNow();
  }

  @TestFactory
  Stream<DynamicTest> nothingBreaks() throws IOException {
    Path to = FuzzCommand.defaultFolder().resolve("build");
    Path corpus = to.resolve("corpus");
    if (Files.exists(corpus)) {
      Directories.delete(corpus); // the time is for new inputs
    }
    record Running(FuzzTarget target, Future<JazzerRun.Outcome> outcome) {}
    List<Running> all =
        FuzzTarget.ALL.stream()
            .map(
                target ->
                    new Running(target, TWO.submit(() -> new JazzerRun(target, to).run(EACH))))
            .toList();
    return all.stream()
        .map(
            running ->
                DynamicTest.dynamicTest(
                    running.target().name(),
                    () -> {
                      JazzerRun.Outcome outcome = result(running.outcome());
                      assertThat(outcome.executed()).isGreaterThanOrEqualTo(outcome.seeds());
                      // BouncyCastle reads the DER of OCSP, and only our own code is counted.
                      boolean ours = !running.target().name().equals("ocsp-response");
                      assertThat(outcome.coverage()).isGreaterThan(ours ? 100 : 10);
                    }));
  }

  private static JazzerRun.Outcome result(Future<JazzerRun.Outcome> outcome) throws Exception {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError found) {
        throw found;
      }
      throw e;
    }
  }

  /** Only a fuzzer that finds a planted fault says something when it finds none. */
  @Test
  void aPlantedFaultIsFoundAndCanBeRunAgain() {
    FuzzTarget planted =
        new FuzzTarget(
            "planted",
            PlantedFault.class,
            () -> List.of(new byte[] {1, 2, 3, 4}),
            PlantedFault::fuzzerTestOneInput,
            64);
    assertThatThrownBy(() -> new JazzerRun(planted, folder).run(Duration.ofSeconds(60)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("fuzzing planted found crash")
        .hasMessageContaining("IllegalStateException: planted")
        .hasMessageContaining("hex:    4d52")
        .hasMessageContaining("loadtest/run fuzz --target planted --replay base64:TV");
  }
}
