package io.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.server.config.UploadPolicy;
import io.millrace.server.event.EventSink;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real S3 server, which is not there at first and to which connections break. */
class UploadsTest {
  private static final StreamKey KEY = new StreamKey("live", "a b");
  private static final UploadSettings SETTINGS =
      new UploadSettings(2, 5 << 20, Duration.ofMillis(40), Duration.ofMillis(400));

  @TempDir Path folder;

  private static UploadPolicy policy(URI endpoint, String secret, boolean delete) {
    return new UploadPolicy(
        endpoint,
        S3Server.BUCKET,
        "archive/",
        "us-east-1",
        new UploadPolicy.Credentials(S3Server.ACCESS_KEY, secret),
        delete);
  }

  private Uploads uploads(UploadPolicy policy) {
    Uploads uploads = new Uploads(folder.resolve("uploads"), _ -> policy, SETTINGS, EventSink.NONE);
    uploads.start();
    return uploads;
  }

  private Path file(String name, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Test
  void whatIsPendingOutlivesAStoreThatIsDownARestartAndBrokenConnections() throws Exception {
    int port = S3Server.freePort();
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    Path small = file("rec/small.mp4", 10_000);
    Path large = file("rec/large.mp4", 12_000_000);
    try (Uploads first = uploads(policy(endpoint, S3Server.SECRET_KEY, false))) {
      first.add(KEY, small);
      first.add(KEY, large);
      await("attempts on a store that is down", () -> first.stats().errors() >= 4);
      assertThat(first.stats().pending()).isEqualTo(2);
      assertThat(first.stats().sent()).isZero();
    }
    try (S3Server server = S3Server.start(folder, port);
        BreakingRelay relay = new BreakingRelay(port, 6, 300_000)) {
      try (Uploads second = uploads(policy(relay.endpoint(), S3Server.SECRET_KEY, false))) {
        await("both are there", () -> second.stats().sent() == 2);
        assertThat(second.stats().pending()).isZero();
      }
      assertThat(relay.breaksLeft()).as("connections did break").isLessThanOrEqualTo(0);
      assertThat(server.object("archive/live/a%20b/small.mp4")).hasSameBinaryContentAs(small);
      assertThat(server.object("archive/live/a%20b/large.mp4")).hasSameBinaryContentAs(large);

      try (Uploads wrong = uploads(policy(endpoint, "another-secret", false))) {
        wrong.add(KEY, small);
        await("a refusal", () -> wrong.stats().errors() >= 2);
        assertThat(wrong.stats().sent()).isZero();
      }
      Path tree = file("rec/tree/source/seg-1.m4s", 5_000).getParent().getParent();
      file("rec/tree/source/media.m3u8", 100);
      file("rec/tree/master.m3u8", 50);
      byte[] segment = Files.readAllBytes(tree.resolve("source/seg-1.m4s"));
      try (Uploads last = uploads(policy(endpoint, S3Server.SECRET_KEY, true))) {
        await("what was refused is sent", () -> last.stats().sent() == 1);
        assertThat(small).as("and removed here").doesNotExist();
        last.add(KEY, tree);
        await("a tree", () -> last.stats().sent() == 2);
      }
      assertThat(server.object("archive/live/a%20b/tree/source/seg-1.m4s"))
          .hasBinaryContent(segment);
      assertThat(server.object("archive/live/a%20b/tree/master.m3u8")).exists();
      assertThat(tree).doesNotExist();
      try (var notes = Files.list(folder.resolve("uploads"))) {
        assertThat(notes).as("nothing is pending").isEmpty();
      }
    }
  }
}
