package io.millrace.loadtest.viewers;

import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.TestClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A running server, a publisher of 720p30 pushing to it, and event loops for viewers.
 *
 * @param work a folder for whatever else is needed; gone with this
 */
public record LiveRig(LiveServer server, Loops loops, Path work, ClipPublisher publisher)
    implements AutoCloseable {
  static final int SEGMENT_MS = 2_000;

  /**
   * Starts everything; returns once there is a playlist with a part.
   *
   * @param millrace the launcher with its sub-command, in words
   * @param sent told of each frame as it is sent; may be null
   */
  public static LiveRig start(
      String millrace, LiveServer.Shape shape, ClipPublisher.@Nullable Sent sent)
      throws IOException, InterruptedException {
    return start(millrace, shape, clip(), sent);
  }

  /** Ten seconds of the test picture. */
  public static FlvClip clip() {
    return TestClip.make(TestSourceSettings.hd(Instant.EPOCH), Duration.ofSeconds(10));
  }

  /** The same with a clip of one's own; its GOPs have to be of {@link #SEGMENT_MS}. */
  public static LiveRig start(
      String millrace, LiveServer.Shape shape, FlvClip clip, ClipPublisher.@Nullable Sent sent)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("millrace-viewers");
    Loops loops = Loops.open(2, "viewer");
    LiveServer server = null;
    try {
      server = LiveServer.start(List.of(millrace.split(" ", -1)), work, shape);
      LiveRig rig = new LiveRig(server, loops, work, publish(loops, server, clip, sent));
      server.awaitPlaylist();
      return rig;
    } catch (IOException | InterruptedException | RuntimeException e) {
      close(server, loops, work);
      throw e;
    }
  }

  private static ClipPublisher publish(
      Loops loops, LiveServer server, FlvClip clip, ClipPublisher.@Nullable Sent sent)
      throws IOException, InterruptedException {
    RtmpTarget target = RtmpTarget.parse(server.rtmp());
    try {
      return ClipPublisher.start(
              loops, target, null, clip, 0, sent == null ? (_, _, _) -> {} : sent)
          .toCompletableFuture()
          .get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot publish: " + e, e);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    publisher.stop().toCompletableFuture().join();
    close(server, loops, work);
  }

  private static void close(@Nullable LiveServer server, Loops loops, Path work)
      throws IOException, InterruptedException {
    if (server != null) {
      server.close();
    }
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    Directories.delete(work);
  }
}
