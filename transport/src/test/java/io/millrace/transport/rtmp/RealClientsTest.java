package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The encoders that people have, pushing to a real server: what comes out is, hash by hash, what is
 * in the file that was pushed. A tool that is absent skips its test, and fails it where {@code
 * CI=true}.
 */
@Timeout(120)
class RealClientsTest {
  private final Loops loops = Loops.open(1, "rtmp-test");
  private final RecordingHandler handler = new RecordingHandler();
  private final List<RtmpServer> servers = new ArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void stop() throws Exception {
    for (RtmpServer server : servers) {
      server.shutdown("test is over").get(10, TimeUnit.SECONDS);
    }
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  @Test
  void ffmpegPublishes() throws Exception {
    Path flv = flvFile();
    Pushed pushed = push(ffmpeg(flv, "rtmp://127.0.0.1:" + port() + "/live/cam?key=k%2F1"));
    assertSameMedia(pushed);
    assertThat(pushed.request().query()).containsExactly(Map.entry("key", "k/1"));
    assertThat(pushed.request().encoder()).contains("Lavf");
    assertThat(pushed.recorded().end.get().kind()).isEqualTo(EndReason.Kind.CLEAN);
  }

  @Test
  void ffmpegPublishesInsideTls() throws Exception {
    Path flv = flvFile();
    try (ServerTls tls = ServerTls.plain(SelfSigned.create(Set.of("localhost"), Instant.now()))) {
      RtmpServer server =
          RtmpServer.bind(
              loops,
              new InetSocketAddress("127.0.0.1", 0),
              RtmpSettings.defaults(),
              tls::newHandler,
              handler);
      servers.add(server);
      Pushed pushed =
          push(ffmpeg(flv, "rtmps://127.0.0.1:" + server.address().getPort() + "/live/cam"));
      assertSameMedia(pushed);
      assertThat(pushed.request().secure()).isTrue();
    }
  }

  @Test
  void gstreamerRtmp2sinkPublishes() throws Exception {
    Pushed pushed = gstreamer("rtmp2sink", "rtmp://127.0.0.1:" + port() + "/live/gst?key=abc");
    // At its end this sink drops what it has not written yet.
    assertThat(pushed.media("video")).hasSizeGreaterThan(20);
    assertThat(writtenMedia(9)).startsWith(pushed.media("video").toArray(String[]::new));
    assertThat(writtenMedia(8)).startsWith(pushed.media("audio").toArray(String[]::new));
  }

  /** GStreamer's older sink is librtmp. */
  @Test
  void librtmpPublishes() throws Exception {
    Pushed pushed =
        gstreamer("rtmpsink", "rtmp://127.0.0.1:" + port() + "/live/gst?key=abc live=1");
    assertSameMedia(pushed);
  }

  private Pushed gstreamer(String sink, String location) throws Exception {
    needs("gst-launch-1.0", "--version");
    Path flv = flvFile();
    Pushed pushed =
        push(
            List.of(
                "gst-launch-1.0",
                "-q",
                "filesrc",
                "location=" + flv,
                "!",
                "flvdemux",
                "name=d",
                "d.video",
                "!",
                "queue",
                "!",
                "h264parse",
                "!",
                "flvmux",
                "name=m",
                "streamable=true",
                "d.audio",
                "!",
                "queue",
                "!",
                "aacparse",
                "!",
                "m.",
                "m.",
                "!",
                "tee",
                "name=t",
                "t.",
                "!",
                "queue",
                "!",
                sink,
                "sync=true",
                "location=" + location,
                "t.",
                "!",
                "queue",
                "!",
                "filesink",
                "location=" + written()));
    assertThat(pushed.request().query()).containsEntry("key", "abc");
    return pushed;
  }

  @Test
  void ffmpegShowsWhyItWasRefused() throws Exception {
    Path flv = flvFile();
    handler.authorizer =
        _ ->
            CompletableFuture.supplyAsync(
                () -> PublishDecision.reject(PublishDecision.UNAUTHORIZED, "the key is wrong"));
    Process process = start(ffmpeg(flv, "rtmp://127.0.0.1:" + port() + "/live/cam?key=no"));
    String output = output(process);
    assertThat(process.exitValue()).isNotZero();
    assertThat(output).contains("the key is wrong");
    assertThat(handler.awaitSummary().end())
        .isEqualTo(new EndReason(EndReason.Kind.REJECTED, "the key is wrong"));
  }

  @Test
  void ffmpegThatWantsToPlayIsToldWhereTo() throws Exception {
    needs("ffmpeg", "-version");
    Process process =
        start(
            List.of(
                "ffmpeg",
                "-v",
                "error",
                "-i",
                "rtmp://127.0.0.1:" + port() + "/live/cam",
                "-f",
                "null",
                "-"));
    assertThat(output(process)).contains("playback is by HLS and DASH");
    assertThat(process.exitValue()).isNotZero();
  }

  /** Our publisher against a server that is not ours: nginx-rtmp writes down what it gets. */
  @Test
  void ourPublisherIsUnderstoodByNginx() throws Exception {
    needs("nginx", "-v");
    Path module = Path.of("/usr/lib/nginx/modules/ngx_rtmp_module.so");
    need(Files.exists(module), "nginx's RTMP module is not installed");
    Path flv = flvFile();
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path configuration = directory.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        load_module %s;
        daemon off;
        master_process off;
        error_log stderr;
        pid %s/nginx.pid;
        events { }
        rtmp { server {
          listen 127.0.0.1:%d;
          application live { live on; record all; record_path %s; record_suffix .recorded; }
        } }
        """
            .formatted(module, directory, port, directory));
    Process nginx = start(List.of("nginx", "-p", directory.toString(), "-c", "nginx.conf"));
    try {
      RtmpPublisher publisher = connect("rtmp://127.0.0.1:" + port + "/live/ours?key=k");
      List<FlvFile.Tag> tags = FlvFile.read(flv);
      publisher.metadata(Map.of("width", 640.0, "height", 360.0));
      for (FlvFile.Tag tag : tags) {
        publisher.whenWritable().toCompletableFuture().get(10, TimeUnit.SECONDS);
        switch (tag.type()) {
          case 8 -> publisher.audio(tag.timestampMs(), Unpooled.wrappedBuffer(tag.body()));
          case 9 -> publisher.video(tag.timestampMs(), Unpooled.wrappedBuffer(tag.body()));
          default -> {}
        }
      }
      assertThat(publisher.unpublish().toCompletableFuture().get(20, TimeUnit.SECONDS).kind())
          .isEqualTo(EndReason.Kind.CLEAN);
      nginx.destroy();
      nginx.waitFor(10, TimeUnit.SECONDS);
      List<FlvFile.Tag> recorded = FlvFile.read(directory.resolve("ours.recorded"));
      for (int type : new int[] {8, 9}) {
        // nginx writes a codec's header when it opens the file, and again when it comes.
        assertThat(hashes(recorded, type).stream().distinct())
            .hasSizeGreaterThan(40)
            .isEqualTo(hashes(tags, type));
      }
    } finally {
      nginx.destroyForcibly();
    }
  }

  /** Retries until the server listens. */
  private RtmpPublisher connect(String url) throws Exception {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        return RtmpPublisher.publish(
                loops, RtmpTarget.parse(url), null, RtmpPublisherSettings.defaults())
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (System.nanoTime() > deadlineNs) {
          throw e;
        }
      }
    }
  }

  private static List<String> hashes(List<FlvFile.Tag> tags, int type) {
    return tags.stream()
        .filter(tag -> tag.type() == type)
        .map(tag -> tag.timestampMs() + " " + RecordingHandler.sha256(tag.body()))
        .toList();
  }

  /** What a server was told while one client ran to its end. */
  private record Pushed(RecordingHandler.Recorded recorded) {
    PublishRequest request() {
      return recorded.publication.request();
    }

    /** Timestamps and hashes. */
    List<String> media(String kind) {
      return recorded.of(kind).stream()
          .map(event -> event.timestampMs() + " " + event.content())
          .toList();
    }
  }

  private Pushed push(List<String> command) throws Exception {
    Process process = start(command);
    String output = output(process);
    assertThat(process.exitValue()).as(output).isZero();
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    recorded.end.get(20, TimeUnit.SECONDS);
    return new Pushed(recorded);
  }

  private void assertSameMedia(Pushed pushed) throws IOException {
    assertThat(writtenMedia(9)).hasSizeGreaterThan(40);
    assertThat(pushed.media("video")).isEqualTo(writtenMedia(9));
    assertThat(writtenMedia(8)).hasSizeGreaterThan(40);
    assertThat(pushed.media("audio")).isEqualTo(writtenMedia(8));
    assertThat(pushed.recorded().of("metadata")).isNotEmpty();
  }

  /** Timestamps and hashes of what the client wrote to a file as well. */
  private List<String> writtenMedia(int type) throws IOException {
    return hashes(FlvFile.read(written()), type);
  }

  private int port() throws IOException {
    RtmpServer server =
        RtmpServer.bind(
            loops, new InetSocketAddress("127.0.0.1", 0), RtmpSettings.defaults(), null, handler);
    servers.add(server);
    return server.address().getPort();
  }

  /** H.264 with B-frames and AAC, made by ffmpeg, with frames of some hundred kilobytes. */
  private Path flvFile() throws Exception {
    needs("ffmpeg", "-version");
    Path flv = directory.resolve("made.flv");
    Process process =
        start(
            List.of(
                "ffmpeg",
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=640x360:rate=30,noise=alls=12:allf=t",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:sample_rate=48000",
                "-t",
                "2",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-bf",
                "2",
                "-g",
                "30",
                "-qp",
                "18",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "-f",
                "flv",
                flv.toString()));
    String output = output(process);
    assertThat(process.exitValue()).as(output).isZero();
    return flv;
  }

  /** Writes what it pushes to {@link #written()} as well: copying moves timestamps. */
  private List<String> ffmpeg(Path flv, String url) {
    List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-i", flv.toString()));
    for (String output : List.of(url, written().toString())) {
      command.addAll(List.of("-c", "copy", "-f", "flv", output));
    }
    return command;
  }

  private Path written() {
    return directory.resolve("written.flv");
  }

  private static void needs(String... command) throws Exception {
    try {
      Process process = start(List.of(command));
      output(process);
    } catch (IOException e) {
      need(false, command[0] + " is not installed");
    }
  }

  private static void need(boolean there, String otherwise) {
    if (!there) {
      assertThat(System.getenv("CI")).as(otherwise).isNotEqualTo("true");
      assumeTrue(false, otherwise);
    }
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .start();
  }

  private static String output(Process process) throws Exception {
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(10, TimeUnit.SECONDS);
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
