package io.millrace.loadtest.srt;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * libsrt's {@code srt-live-transmit} (Debian: {@code srt-tools}), as sender and as receiver.
 *
 * @param program its name or path
 */
record LiveTransmit(String program) {
  private static final String PAYLOAD = "payloadsize=" + NumberedPayload.BYTES;

  /** Version line, such as {@code SRT Library version: 1.5.1, …}. */
  String version() throws IOException, InterruptedException {
    String text =
        ManagedProcess.output(Duration.ofSeconds(10), Path.of("/"), List.of(program, "-version"));
    return text.lines()
        .filter(line -> line.startsWith("SRT Library version"))
        .findFirst()
        .orElse(text.strip());
  }

  /** Takes UDP at {@code udpPort} and sends it to an SRT listener. */
  ManagedProcess sender(
      Path directory, int udpPort, InetSocketAddress listener, String stream, long latencyMs)
      throws IOException {
    return start(
        directory,
        "send-" + udpPort,
        "udp://127.0.0.1:%d?rcvbuf=4000000".formatted(udpPort),
        "srt://127.0.0.1:%d?mode=caller&transtype=live&latency=%d&%s&streamid=publish:live/%s"
            .formatted(listener.getPort(), latencyMs, PAYLOAD, stream));
  }

  /** Listens at {@code srtPort} and passes on to UDP. */
  ManagedProcess receiverToUdp(Path directory, int srtPort, int udpPort, long latencyMs)
      throws IOException {
    return start(
        directory,
        "receive-" + srtPort,
        listener(srtPort, latencyMs),
        "udp://127.0.0.1:" + udpPort);
  }

  /** Listens at {@code srtPort} and drops what it takes. */
  ManagedProcess receiverToNull(Path directory, int srtPort, long latencyMs) throws IOException {
    return ManagedProcess.start(
        command(listener(srtPort, latencyMs), "file://con"), directory, Path.of("/dev/null"));
  }

  private static String listener(int srtPort, long latencyMs) {
    return "srt://127.0.0.1:%d?mode=listener&transtype=live&latency=%d&%s"
        .formatted(srtPort, latencyMs, PAYLOAD);
  }

  private ManagedProcess start(Path directory, String name, String from, String to)
      throws IOException {
    return ManagedProcess.start(command(from, to), directory, directory.resolve(name + ".log"));
  }

  private List<String> command(String from, String to) {
    return List.of(
        program, "-chunk:" + NumberedPayload.BYTES, "-loglevel:error", "-quiet", from, to);
  }
}
