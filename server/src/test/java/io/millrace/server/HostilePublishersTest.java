package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.packager.Presentation;
import io.millrace.packager.RenditionInfo;
import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.push.RtmpTracks;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Broken and malicious publishers beside an honest one: each ends with a reason in the log, the
 * honest stream has no gap, and memory comes back.
 */
class HostilePublishersTest {
  private static final Path CORPUS = Path.of("../transport/src/test/resources/rtmp/corpus");
  private static final StreamKey HONEST = new StreamKey("live", "honest");
  private static final int MUTATIONS_PER_RECORDING = 12;
  private static final int RANDOM_CONNECTIONS = 60;
  private static final long ALLOWED_HEAP_GROWTH_BYTES = 24L << 20;
  private static final long ALLOWED_DIRECT_GROWTH_BYTES = 16L << 20;
  private static final long ALLOWED_RSS_GROWTH_BYTES = 160L << 20;

  @TempDir Path folder;

  @Test
  void theyEndAloneAndMemoryComesBack() throws Exception {
    Config config =
        ConfigLoader.load(
                null,
                List.of(
                    "listen.rtmp=127.0.0.1:0",
                    "listen.rtmps=off",
                    "listen.https=off",
                    "listen.http=off",
                    "listen.admin=off",
                    "data.dir=" + folder,
                    "limits.handshake=2s",
                    "limits.authentication=2s",
                    "streams.live/*.grace=1s"))
            .config();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    log.start();
    root.addAppender(log);
    Loops loops = Loops.open(1, "client");
    try (RunningServer server = RunningServer.start(config);
        HonestPublisher honest = new HonestPublisher(loops, server)) {
      int port = server.addresses().get("rtmp").getPort();
      await("the honest stream", () -> segments(server) >= 2);
      attack(port, new Random(1));
      await("attackers to be gone", () -> onlyHonestIsLeft(server));
      long heap = heapBytes();
      long direct = directBytes();
      long rss = rssBytes();

      attack(port, new Random(2));
      attack(port, new Random(3));
      await("attackers to be gone", () -> onlyHonestIsLeft(server));

      int before = segments(server);
      await("the honest stream to go on", () -> segments(server) > before + 1);
      RenditionInfo source = honestSource(server);
      assertThat(source.gaps()).isZero();
      assertThat(server.streams().find(HONEST).reconnects()).isZero();
      assertThat(honest.failed).isFalse();
      await("heap to come back", () -> heapBytes() - heap < ALLOWED_HEAP_GROWTH_BYTES);
      await(
          "direct memory to come back", () -> directBytes() - direct < ALLOWED_DIRECT_GROWTH_BYTES);
      assertThat(rssBytes() - rss).isLessThan(ALLOWED_RSS_GROWTH_BYTES);
    } finally {
      root.detachAppender(log);
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }
    List<String> reasons =
        List.copyOf(log.list).stream()
            .filter(event -> event.getMessage().contains("session ended"))
            .flatMap(event -> event.getKeyValuePairs().stream())
            .filter(pair -> pair.key.equals("reason"))
            .map(pair -> String.valueOf(pair.value))
            .toList();
    assertThat(reasons).hasSizeGreaterThan(3 * RANDOM_CONNECTIONS).noneMatch(String::isBlank);
    assertThat(reasons).noneMatch(reason -> reason.contains("internal error"));
  }

  /**
   * Recordings with flipped bytes, cut recordings, and noise, before and behind a good handshake.
   */
  private static void attack(int port, Random random) throws IOException {
    for (byte[] recording : recordings()) {
      for (int i = 0; i < MUTATIONS_PER_RECORDING; i++) {
        byte[] bytes = Arrays.copyOf(recording, random.nextInt(2000, recording.length));
        int flips = random.nextInt(6);
        for (int f = 0; f < flips; f++) {
          bytes[random.nextInt(1537, bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        send(port, bytes, random.nextBoolean());
      }
    }
    for (int i = 0; i < RANDOM_CONNECTIONS; i++) {
      byte[] noise = new byte[random.nextInt(1, 40_000)];
      random.nextBytes(noise);
      if (i % 2 == 0) {
        noise[0] = 3;
      }
      send(port, noise, true);
    }
  }

  private static List<byte[]> recordings() throws IOException {
    List<byte[]> recordings = new ArrayList<>();
    try (Stream<Path> files = Files.list(CORPUS)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".c2s")).sorted().toList()) {
        recordings.add(Files.readAllBytes(file));
      }
    }
    assertThat(recordings).isNotEmpty();
    return recordings;
  }

  private static void send(int port, byte[] bytes, boolean readAnswers) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20);
      OutputStream out = socket.getOutputStream();
      for (int at = 0; at < bytes.length; at += 4096) {
        out.write(bytes, at, Math.min(4096, bytes.length - at));
      }
      if (readAnswers) {
        InputStream in = socket.getInputStream();
        byte[] unused = in.readNBytes(3073);
      }
    } catch (IOException e) {
      // Being cut off is what these clients are for.
    }
  }

  private static boolean onlyHonestIsLeft(RunningServer server) {
    return server.publisherConnections() == 1
        && server.streams().all().stream()
            .noneMatch(s -> !s.key().equals(HONEST) && s.state() != ActiveStream.State.ENDED);
  }

  private static int segments(RunningServer server) {
    ActiveStream stream = server.streams().find(HONEST);
    if (stream == null) {
      return 0;
    }
    Presentation presentation = stream.presentation();
    return presentation.renditions().isEmpty() ? 0 : (int) honestSource(server).segments();
  }

  private static RenditionInfo honestSource(RunningServer server) {
    return server.streams().find(HONEST).presentation().renditions().getFirst();
  }

  private static long heapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long directBytes() {
    return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  private static long rssBytes() throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("no VmRSS in /proc/self/status");
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static final class HonestPublisher implements AutoCloseable {
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean failed;

    HonestPublisher(Loops loops, RunningServer server) {
      RtmpTarget target =
          RtmpTarget.parse(
              "rtmp://127.0.0.1:" + server.addresses().get("rtmp").getPort() + "/" + HONEST);
      thread = Thread.ofPlatform().daemon().start(() -> run(loops, target));
    }

    private void run(Loops loops, RtmpTarget target) {
      TestSourceSettings settings =
          TestSourceSettings.hd(Instant.EPOCH)
              .withSize(128, 96, 200_000)
              .withFrameRate(new Rational(25, 1), 25, false);
      try (RtmpPublisher connection =
              RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
                  .toCompletableFuture()
                  .get(20, TimeUnit.SECONDS);
          TestSource source = new TestSource(settings, new RtmpTracks(connection))) {
        long start = System.nanoTime();
        while (!closed) {
          source.advanceTo(System.nanoTime() - start + 1);
          LockSupport.parkNanos(start + source.nextPictureNs() - System.nanoTime());
          failed |= connection.ended().toCompletableFuture().isDone();
        }
      } catch (Exception e) {
        failed = true;
      }
    }

    @Override
    public void close() throws InterruptedException {
      closed = true;
      thread.join(TimeUnit.SECONDS.toMillis(10));
    }
  }
}
