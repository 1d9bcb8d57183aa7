package io.millrace.loadtest;

import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.TestClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code publish}: RTMP publishers of one clip, through Millrace's own client. */
@Command(
    name = "publish",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "RTMP publishers to this machine; exit code 1 when any was ended or dropped.")
final class PublishCommand implements Callable<Integer> {
  private static final int MAX_PUBLISHERS = 1_000;
  private static final int MAX_SECONDS = 24 * 3_600;
  private static final int REPORT_S = 5;
  private static final int TEST_CLIP_SECONDS = 10;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Parameters(
      paramLabel = "URL",
      description = "rtmp[s]://127.0.0.1[:PORT]/live/NAME[?key=KEY]; -0, -1 … follow NAME")
  private String url = "";

  @Option(
      names = "--clip",
      description =
          "H.264 and AAC; anything but FLV is repacked by ffmpeg first. The built-in test picture"
              + " if left out")
  private @Nullable Path clip;

  @Option(names = "--publishers", defaultValue = "1", description = "1 to " + MAX_PUBLISHERS)
  private int publishers;

  @Option(names = "--seconds", defaultValue = "60", description = "1 to " + MAX_SECONDS)
  private int seconds;

  @Override
  public Integer call() throws IOException, InterruptedException {
    RtmpTarget target = requireSane();
    FlvClip media = media();
    SslContext tls =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    Loops loops = Loops.open(2, "publish");
    try {
      List<ClipPublisher> running = start(loops, target, target.secure() ? tls : null, media);
      watch(running);
      boolean fine =
          running.size() == publishers
              && running.stream()
                  .map(ClipPublisher::stats)
                  .allMatch(stats -> stats.end() == null && stats.dropped() == 0);
      CompletableFuture<?>[] stopped =
          running.stream()
              .map(p -> p.stop().toCompletableFuture())
              .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(stopped).completeOnTimeout(null, 5, TimeUnit.SECONDS).join();
      return fine ? 0 : 1;
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private RtmpTarget requireSane() {
    try {
      RtmpTarget target = RtmpTarget.parse(url);
      Loopback.requireHost(target.host());
      if (publishers < 1 || publishers > MAX_PUBLISHERS || seconds < 1 || seconds > MAX_SECONDS) {
        throw new IllegalArgumentException("--publishers or --seconds out of range");
      }
      return target;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private FlvClip media() throws IOException, InterruptedException {
    if (clip == null) {
      TestSourceSettings settings = TestSourceSettings.hd(Instant.EPOCH);
      return TestClip.make(settings, Duration.ofSeconds(TEST_CLIP_SECONDS));
    }
    return clip.toString().endsWith(".flv") ? FlvClip.read(clip) : repacked(clip);
  }

  private static FlvClip repacked(Path clip) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("millrace-publish");
    try {
      Path flv = directory.resolve("clip.flv");
      ManagedProcess.output(
          Duration.ofMinutes(2),
          directory,
          List.of(
              "ffmpeg",
              "-nostdin",
              "-loglevel",
              "error",
              "-i",
              clip.toAbsolutePath().toString(),
              "-c",
              "copy",
              flv.toString()));
      return FlvClip.read(flv);
    } finally {
      Directories.delete(directory);
    }
  }

  private List<ClipPublisher> start(
      Loops loops, RtmpTarget target, @Nullable SslContext tls, FlvClip media)
      throws InterruptedException {
    List<ClipPublisher> running = new ArrayList<>();
    for (int i = 0; i < publishers; i++) {
      RtmpTarget own = publishers == 1 ? target : numbered(target, i);
      try {
        running.add(ClipPublisher.start(loops, own, tls, media).toCompletableFuture().get());
      } catch (ExecutionException e) {
        System.out.println(own + ": " + e.getMessage());
      }
    }
    return running;
  }

  /** {@code NAME?QUERY} becomes {@code NAME-i?QUERY}. */
  static RtmpTarget numbered(RtmpTarget target, int index) {
    int query = target.name().indexOf('?');
    String name = query < 0 ? target.name() : target.name().substring(0, query);
    String rest = query < 0 ? "" : target.name().substring(query);
    return new RtmpTarget(
        target.secure(), target.host(), target.port(), target.app(), name + "-" + index + rest);
  }

  private void watch(List<ClipPublisher> running) throws InterruptedException {
    long bytesBefore = 0;
    for (int left = seconds; left > 0; left -= REPORT_S) {
      int pauseS = Math.min(REPORT_S, left);
      TimeUnit.SECONDS.sleep(pauseS);
      List<ClipPublisher.Stats> stats = running.stream().map(ClipPublisher::stats).toList();
      long bytes = stats.stream().mapToLong(ClipPublisher.Stats::bytes).sum();
      System.out.printf(
          Locale.ROOT,
          "%d publishers: %.1f Mbit/s, %d messages, %d dropped, worst lag %d ms, %d ended%n",
          stats.size(),
          (bytes - bytesBefore) * 8.0 / pauseS / 1e6,
          stats.stream().mapToLong(ClipPublisher.Stats::messages).sum(),
          stats.stream().mapToLong(ClipPublisher.Stats::dropped).sum(),
          stats.stream().mapToLong(ClipPublisher.Stats::worstLagMs).max().orElse(0),
          stats.stream().filter(s -> s.end() != null).count());
      stats.stream()
          .map(ClipPublisher.Stats::end)
          .filter(Objects::nonNull)
          .findFirst()
          .ifPresent(end -> System.out.println("  ended: " + end.kind() + ", " + end.text()));
      bytesBefore = bytes;
    }
  }
}
