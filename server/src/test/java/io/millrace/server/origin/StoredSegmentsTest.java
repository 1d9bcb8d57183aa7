package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.packager.dvr.FileRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredSegmentsTest {
  @TempDir Path folder;
  private final List<Runnable> tasks = new ArrayList<>();
  private final StoredSegments segments = new StoredSegments(tasks::add);

  private void run() {
    List<Runnable> now = List.copyOf(tasks);
    tasks.clear();
    now.forEach(Runnable::run);
  }

  @Test
  void oneReadIsForAllWhoAskMeanwhile() throws IOException {
    Path file = Files.write(folder.resolve("a"), new byte[] {1, 2, 3, 4, 5});
    FileRange range = new FileRange(file, 1, 3);
    CompletableFuture<byte[]> first = segments.read(range);
    CompletableFuture<byte[]> second = segments.read(range);
    run();
    assertThat(first.join()).containsExactly(2, 3, 4);
    assertThat(second.join()).as("the same array").isSameAs(first.join());
    Files.delete(file);
    assertThat(segments.read(range).join()).as("kept for a while").containsExactly(2, 3, 4);
  }

  @Test
  void whatHasLeftTheDiskFailsAndIsAskedForAgain() throws IOException {
    Path file = folder.resolve("b");
    FileRange range = new FileRange(file, 0, 1);
    CompletableFuture<byte[]> gone = segments.read(range);
    run();
    assertThatThrownBy(gone::join).hasRootCauseInstanceOf(NoSuchFileException.class);
    Files.write(file, new byte[] {7});
    run();
    CompletableFuture<byte[]> again = segments.read(range);
    run();
    assertThat(again.join()).containsExactly(7);
  }

  @Test
  void tooMuchIsRefused() {
    StoredSegments busy =
        new StoredSegments(
            task -> {
              throw new RejectedExecutionException();
            });
    assertThat(busy.read(new FileRange(folder.resolve("c"), 0, 1)))
        .failsWithin(java.time.Duration.ofSeconds(1))
        .withThrowableThat()
        .withCauseInstanceOf(RejectedExecutionException.class);
  }
}
