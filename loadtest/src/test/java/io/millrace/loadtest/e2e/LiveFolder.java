package io.millrace.loadtest.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A small live HLS stream made by ffmpeg, without any Millrace: the harness is tested with it. */
public final class LiveFolder implements AutoCloseable {
  private final Path folder;
  private final FileServer server;
  private final Program publisher;

  private LiveFolder(Path folder, FileServer server, Program publisher) {
    this.folder = folder;
    this.server = server;
    this.publisher = publisher;
  }

  public static LiveFolder start(Path folder) {
    List<String> arguments = new ArrayList<>(List.of("-v", "error", "-nostdin", "-re"));
    arguments.addAll(List.of("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30"));
    arguments.addAll(Publisher.h264(30, 300).subList(0, 20));
    arguments.addAll(
        List.of(
            "-f",
            "hls",
            "-hls_time",
            "2",
            "-hls_segment_type",
            "fmp4",
            "-hls_list_size",
            "6",
            "-master_pl_name",
            "master.m3u8",
            folder.resolve("media.m3u8").toString()));
    LiveFolder live =
        new LiveFolder(
            folder, new FileServer(folder), Program.start(Tool.require("ffmpeg").with(arguments)));
    Await.until(
        "master.m3u8", Duration.ofSeconds(20), () -> Files.exists(folder.resolve("master.m3u8")));
    return live;
  }

  public URI master() {
    return server.uri("master.m3u8");
  }

  public void awaitSegments(int more) {
    long wanted = segments() + more;
    Await.until(more + " more segments", Duration.ofSeconds(30), () -> segments() >= wanted);
  }

  public void stopPublishing() {
    publisher.kill();
  }

  /** Lets a time pass in which nothing is published: the one thing here that only time can show. */
  public void awaitSilence(Duration time) {
    long endNanos = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < endNanos) {
      LockSupport.parkNanos(endNanos - System.nanoTime());
    }
  }

  private long segments() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".m4s")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    publisher.close();
    server.close();
  }
}
