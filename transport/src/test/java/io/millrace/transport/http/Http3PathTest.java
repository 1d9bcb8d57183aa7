package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Datagrams grow to what a path takes (RFC 9000 §14.3), and nothing is lost by trying. */
@ExtendWith(NoLeaks.class)
class Http3PathTest {
  private static final byte[] LARGE = new byte[400_000];
  private static final int WINDOW_BYTES = 48 * 1024;

  private static int largestOn(int pathBytes) throws Exception {
    HttpHandler handler = exchange -> exchange.respond(HttpReply.of(200, "x/y", LARGE));
    try (TestServer server = new TestServer(handler);
        UdpRelay relay = new UdpRelay(server.secure)) {
      relay.narrow(pathBytes);
      try (Http3Client client =
          new Http3Client(server, Http3Client.tls(), relay.address, WINDOW_BYTES, null)) {
        for (int i = 0; i < 3; i++) {
          assertThat(client.get("/" + i).awaitBody()).hasSize(LARGE.length);
        }
        assertThat(server.stats.opened).hasValue(1);
        return relay.largest();
      }
    }
  }

  @Test
  void datagramsGrowToWhatEthernetTakes() throws Exception {
    assertThat(largestOn(Integer.MAX_VALUE)).isEqualTo(1452);
  }

  @Test
  void contentArrivesOverPathsThatTakeLess() throws Exception {
    assertThat(largestOn(1300)).as("it was tried").isGreaterThan(1300);
  }
}
