package io.millrace.loadtest.throughput;

import io.millrace.loadtest.viewers.LiveServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Media of a live stream that both servers have: Millrace in its window, the other one as files.
 *
 * @param init path of the init segment
 * @param media paths of media, for as long as the window
 * @param bytes of all media together
 */
record MediaFiles(String init, List<String> media, long bytes) {
  private static final String MAP = "#EXT-X-MAP:URI=\"";

  /**
   * Waits until the playlist lists so many segments, and copies them.
   *
   * @param root where they go, under the same paths
   */
  static MediaFiles copy(LiveServer server, Path root, int count, Duration limit)
      throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + limit.toNanos();
    while (true) {
      List<String> lines = new String(server.playlist(), StandardCharsets.UTF_8).lines().toList();
      List<String> media =
          lines.stream().filter(each -> !each.isEmpty() && each.charAt(0) != '#').toList();
      if (media.size() > count) {
        // Not the first one: a stream's encoder may begin with a larger picture.
        return copy(server, root, init(lines), media.subList(1, count + 1));
      }
      if (System.nanoTime() - deadlineNs > 0) {
        throw new IOException("only " + media.size() + " segments after " + limit);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static MediaFiles copy(LiveServer server, Path root, String init, List<String> names)
      throws IOException, InterruptedException {
    List<String> media = new ArrayList<>();
    long bytes = 0;
    for (String name : names) {
      String path = resolve(name);
      bytes += copy(server, root, path);
      media.add(path);
    }
    String path = resolve(init);
    copy(server, root, path);
    return new MediaFiles(path, media, bytes);
  }

  private static long copy(LiveServer server, Path root, String path)
      throws IOException, InterruptedException {
    byte[] content = server.fetch(path);
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    return content.length;
  }

  private static String resolve(String name) {
    return URI.create(LiveServer.PLAYLIST).resolve(name).toString();
  }

  private static String init(List<String> lines) throws IOException {
    for (String line : lines) {
      if (line.startsWith(MAP)) {
        return line.substring(MAP.length(), line.indexOf('"', MAP.length()));
      }
    }
    throw new IOException("no init segment in the playlist");
  }
}
