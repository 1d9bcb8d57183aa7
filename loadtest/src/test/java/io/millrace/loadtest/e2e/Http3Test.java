package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Playback;
import io.millrace.transport.http.UdpRelay;
import io.millrace.transport.tls.TlsCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** HTTP/3 with the clients of others: ngtcp2's and Chromium. */
@Isolated
class Http3Test {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path folder;

  private static Program publish(RunningServer server) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(640, 360, 30), Publisher.h264(30, 400), server.rtmp("/live/h3"));
  }

  /** Requests that were answered, by what they came. */
  private static double requests(RunningServer server, String protocol) {
    return Web.text(server.admin("/metrics"))
        .lines()
        .filter(line -> line.startsWith("millrace_http_requests_total{listener=\"public\""))
        .filter(line -> line.contains("protocol=\"" + protocol + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private List<String> gtlsclient(Tool tool, int port, String path, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(
        List.of(
            "--session-file=" + folder.resolve("session"),
            "--tp-file=" + folder.resolve("parameters"),
            "--download=" + folder,
            "--exit-on-all-streams-close",
            "--quiet",
            "127.0.0.1",
            Integer.toString(port),
            "https://127.0.0.1:" + port + path));
    return tool.with(arguments);
  }

  /**
   * While the relay keeps what the server says, the client cannot have finished its handshake: a
   * request that the server has answered by then was in early data.
   */
  @Test
  void ngtcp2IsAnsweredBeforeItsHandshakeEnds() throws IOException {
    Tool tool = Tool.require("gtlsclient");
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher = publish(server);
        UdpRelay relay = new UdpRelay(new InetSocketAddress("127.0.0.1", server.port("https")))) {
      server.hls("h3").awaitVariants(1, Duration.ofSeconds(40));
      String path = "/live/h3/master.m3u8";
      Program.run(gtlsclient(tool, server.port("https"), path), LIMIT).orFail("gtlsclient");
      Path downloaded = folder.resolve("master.m3u8");
      assertThat(downloaded).content().startsWith("#EXTM3U");
      Files.delete(downloaded);
      double before = requests(server, "http3");
      assertThat(before).isEqualTo(1);

      relay.hold();
      try (Program second = Program.start(gtlsclient(tool, relay.address.getPort(), path))) {
        Await.until("the early request", LIMIT, () -> requests(server, "http3") == before + 1);
        relay.release();
        var _ = second.await(LIMIT).orFail("gtlsclient");
        assertThat(downloaded).content().startsWith("#EXTM3U");
      }
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  @Test
  void chromiumPlaysAStreamOverHttp3() throws IOException {
    Browser browser = Browser.require();
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher = publish(server)) {
      Path data = server.dataDir();
      String key =
          TlsCredentials.load(data.resolve("self-signed.crt"), data.resolve("self-signed.key"))
              .publicKeyHash();
      server.hls("h3").awaitVariants(1, Duration.ofSeconds(40));
      double overTcp = requests(server, "http2") + requests(server, "http1");
      Playback playback =
          browser.play(
              Browser.Request.of(
                      Player.HLS,
                      server.https("/live/h3/master.m3u8"),
                      Codec.AUTO,
                      Duration.ofSeconds(8))
                  .inLowLatency()
                  .overHttp3(key));
      assertThat(playback.errors()).as(playback.json()).isEmpty();
      assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(7);
      assertThat(playback.stalls()).as(playback.json()).isEmpty();
      assertThat(requests(server, "http3")).isGreaterThan(20);
      assertThat(requests(server, "http2") + requests(server, "http1")).isEqualTo(overTcp);
      assertThat(publisher.isAlive()).isTrue();
    }
  }
}
