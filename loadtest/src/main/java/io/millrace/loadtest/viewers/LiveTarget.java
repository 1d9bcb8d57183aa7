package io.millrace.loadtest.viewers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server with a live stream, for whoever brings viewers of another kind: knows which part is the
 * newest. Any thread.
 */
public final class LiveTarget implements AutoCloseable {
  private static final String FOLDER = "/live/viewers/source/";
  private static final Pattern PART = Pattern.compile("#EXT-X-PART:.*URI=\"([^\"]+)\"");
  private static final int LOOK_MS = 100;

  private final LiveRig rig;
  private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
  private volatile String newest = "";

  private LiveTarget(LiveRig rig) {
    this.rig = rig;
  }

  /**
   * Starts a server and a publisher; returns once there is a part.
   *
   * @param millrace the launcher with its sub-command, in words
   * @param viewers how many may connect
   */
  public static LiveTarget start(String millrace, int viewers, int partMs)
      throws IOException, InterruptedException {
    LiveServer.Shape shape = new LiveServer.Shape(viewers, partMs, "30s", false);
    LiveTarget target = new LiveTarget(LiveRig.start(millrace, shape, null));
    target.look();
    target.watch.scheduleWithFixedDelay(target::lookAgain, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    return target;
  }

  public InetSocketAddress https() throws IOException {
    return rig.server().address(true);
  }

  public long pid() {
    return rig.server().pid();
  }

  /** The path of the newest part that is whole. */
  public String newestPart() {
    return newest;
  }

  private void look() throws IOException, InterruptedException {
    Matcher part = PART.matcher(new String(rig.server().playlist(), StandardCharsets.UTF_8));
    while (part.find()) {
      newest = FOLDER + part.group(1);
    }
  }

  private void lookAgain() {
    try {
      look();
    } catch (IOException e) {
      // The former one is served for as long as the window is.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    watch.shutdownNow();
    rig.close();
  }
}
