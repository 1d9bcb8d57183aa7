package io.millrace.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.edge.EdgeStats.Result;
import io.millrace.transport.http.HttpReply;
import io.netty.channel.DefaultEventLoop;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves the memory of an edge and is found on its disk. */
class DiskTierTest {
  private static final long MIB = 1 << 20;
  private static final int OBJECT_BYTES = 200_000;

  @TempDir Path folder;

  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final FakeOrigin origin = new FakeOrigin(loop);
  private final AtomicLong nowMs = new AtomicLong(1_000_000_000_000L);
  private final List<DiskTier> tiers = new ArrayList<>();
  private EdgeStats stats = new EdgeStats();
  private DiskTier disk;
  private EdgeRoutes routes;
  private EdgeCache cache;

  /** An edge that begins with what the one before has left. */
  private void start(Path at) {
    tiers.forEach(DiskTier::close);
    tiers.clear();
    EdgeSettings settings =
        new EdgeSettings(
            8 * MIB,
            Duration.ofSeconds(30),
            Duration.ZERO,
            Duration.ofMillis(5),
            new EdgeSettings.Disk(at, 64 * MIB));
    disk = DiskTier.open(settings, loop, () -> Instant.ofEpochMilli(nowMs.get()));
    if (disk != null) {
      tiers.add(disk);
    }
    stats = new EdgeStats();
    cache = new EdgeCache(settings, origin, loop, System::nanoTime, stats, disk);
    routes = new EdgeRoutes(cache, exchange -> {}, (_, _) -> false);
  }

  @AfterEach
  void stop() {
    tiers.forEach(DiskTier::close);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static byte[] content(String path, int bytes) {
    byte[] content = new byte[bytes];
    new Random(path.hashCode()).nextBytes(content);
    return content;
  }

  private void answerAll(int bytes) {
    origin.always(
        asked -> {
          asked.head(
              200,
              "content-type",
              "video/mp4",
              "cache-control",
              "public, max-age=31536000, immutable",
              "etag",
              "\"" + asked.key.path().hashCode() + "\"",
              "accept-ranges",
              "bytes",
              "content-length",
              "" + bytes);
          asked.data(content(asked.key.path(), bytes));
          asked.end();
        });
  }

  private static String path(int number) {
    return "/live/show/720p/segment-" + number + ".m4s";
  }

  private HttpReply get(String target, String... field) throws Exception {
    FakeExchange exchange = new FakeExchange(loop, target);
    if (field.length > 0) {
      exchange.with(field[0], field[1]);
    }
    loop.execute(() -> routes.handle(exchange));
    return exchange.reply.get(20, TimeUnit.SECONDS);
  }

  private void expectContent(int number, int bytes) throws Exception {
    HttpReply reply = get(path(number));
    assertThat(reply.status()).isEqualTo(200);
    byte[] all = content(path(number), bytes);
    await("all of it", () -> FakeExchange.bytes(reply).length == bytes);
    await("landed", () -> cache.flights() == 0);
    assertThat(FakeExchange.bytes(reply)).isEqualTo(all);
    assertThat(reply.header("content-type")).isEqualTo("video/mp4");
    assertThat(reply.header("cache-control")).contains("immutable");
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not in time: %s", what).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  /** More than memory holds. */
  private int scan() throws Exception {
    int count = (int) (2 * 8 * MIB / OBJECT_BYTES);
    for (int i = 0; i < count; i++) {
      assertThat(get(path(i)).status()).isEqualTo(200);
      await("written", () -> disk.queuedBytes() == 0);
    }
    return count;
  }

  @Test
  void mediaThatHasLeftMemoryIsNotAskedForAgainEvenAfterARestart() throws Exception {
    answerAll(OBJECT_BYTES);
    start(folder);
    int count = scan();
    assertThat(disk.writes()).isGreaterThan(count / 3);
    assertThat(disk.dropped()).isZero();
    int asked = origin.all.size();
    assertThat(asked).isEqualTo(count);
    long before = disk.writes();
    for (int i = 0; i < count; i++) {
      expectContent(i, OBJECT_BYTES);
      await("written", () -> disk.queuedBytes() == 0);
    }
    assertThat(origin.all).hasSize(asked);
    assertThat(stats.count(Result.DISK)).isPositive();
    assertThat(stats.count(Result.MISS)).isEqualTo(count);
    assertThat(disk.errors()).isZero();

    long written = disk.writes();
    assertThat(written).isGreaterThanOrEqualTo(before);
    nowMs.addAndGet(100_000);
    start(folder);
    await("the index", () -> disk.objects() == written);
    int found = 0;
    for (int i = 0; i < count; i++) {
      HttpReply reply = get(path(i), "range", "bytes=1-2");
      assertThat(reply.status()).isEqualTo(206);
      if (origin.all.size() == asked) {
        found++;
        assertThat(reply.header("age")).isEqualTo("100");
      }
      asked = origin.all.size();
    }
    assertThat(found).isEqualTo((int) written);
    await("counted", () -> stats.count(Result.DISK) == written);
  }

  @Test
  void whatIsTooLargeForMemoryIsOnDisk() throws Exception {
    int bytes = (int) (MIB * 3 / 4);
    answerAll(bytes);
    start(folder);
    expectContent(1, bytes);
    await("written", () -> disk.writes() == 1);
    expectContent(1, bytes);
    expectContent(1, bytes);
    assertThat(origin.all).hasSize(1);
    await("counted", () -> stats.count(Result.DISK) == 2);
    assertThat(disk.writes()).isEqualTo(1);
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".blobs")).findFirst().orElseThrow();
    }
  }

  @Test
  void aDamagedObjectIsCompletedByTheOrigin() throws Exception {
    int bytes = (int) (MIB * 3 / 4);
    answerAll(bytes);
    start(folder);
    expectContent(1, bytes);
    await("written", () -> disk.writes() == 1);
    try (RandomAccessFile file = new RandomAccessFile(onlyFile().toFile(), "rw")) {
      file.seek(file.length() - 10);
      file.write(new byte[10]);
    }
    expectContent(1, bytes);
    assertThat(origin.all).hasSize(2);
    assertThat(origin.all.getLast().header("range")).matches("bytes=[1-9]\\d+-");
    assertThat(disk.errors()).isEqualTo(1);
    assertThat(disk.objects()).isLessThanOrEqualTo(1);
  }

  @Test
  void anEdgeWorksWithoutItsDisk() throws Exception {
    answerAll(OBJECT_BYTES);
    Path file = Files.createFile(folder.resolve("file"));
    start(file);
    assertThat(disk).isNull();
    expectContent(1, OBJECT_BYTES);
    start(folder);
    DiskTier first = disk;
    EdgeSettings settings =
        EdgeSettings.of(8 * MIB, Duration.ZERO, new EdgeSettings.Disk(folder, 64 * MIB));
    assertThat(DiskTier.open(settings, loop, Instant::now)).as("used by another").isNull();
    assertThat(first.objects()).isZero();
  }

  @Test
  void whatChangesIsNotWritten() throws Exception {
    origin.always(asked -> asked.answer("thumb", 2));
    start(folder);
    for (int i = 0; i < 20; i++) {
      assertThat(get("/live/show/thumb.jpg?x=" + i).status()).isEqualTo(200);
    }
    assertThat(disk.writes() + disk.dropped() + disk.queuedBytes()).isZero();
  }
}
