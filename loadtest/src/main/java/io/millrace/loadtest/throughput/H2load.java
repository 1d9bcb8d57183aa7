package io.millrace.loadtest.throughput;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * nghttp2's load client, for HTTP/1.1 and HTTP/2.
 *
 * @param program h2load
 * @param work for its list of addresses
 * @param connections at once, one request at a time on each
 */
record H2load(String program, Path work, int connections) {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern SUCCEEDED = Pattern.compile("(\\d+) succeeded, 0 failed, 0 errored");
  private static final Pattern DATA = Pattern.compile("\\((\\d+)\\) data");
  private static final Pattern CIPHER = Pattern.compile("Cipher: (\\S+)");

  /**
   * What came of a run.
   *
   * @param bytes of content
   * @param cipher of the first connection
   */
  record Load(long bytes, String cipher) {}

  /**
   * Asks for {@code paths} in turn.
   *
   * @throws IOException when not every answer is a good one
   */
  Load run(InetSocketAddress server, List<String> paths, boolean http2, int requests)
      throws IOException, InterruptedException {
    Path list = work.resolve("addresses.txt");
    String base = "https://127.0.0.1:" + server.getPort();
    Files.write(list, paths.stream().map(path -> base + path).toList());
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "--input-file=" + list,
                "--clients=" + connections,
                "--max-concurrent-streams=1",
                "--requests=" + requests));
    if (!http2) {
      command.add("--h1");
    }
    String text = ManagedProcess.output(LIMIT, work, command);
    if (!find(SUCCEEDED, text).equals(Integer.toString(requests))) {
      throw new IOException("not every request was answered:\n" + text);
    }
    return new Load(Long.parseLong(find(DATA, text)), find(CIPHER, text));
  }

  private static String find(Pattern pattern, String text) throws IOException {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IOException("not what h2load says, no " + pattern + ":\n" + text);
    }
    return found.group(1);
  }
}
