package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SocketQueuesTest {
  private static final String LISTENING =
      "   0: 0100007F:078F 00000000:0000 0A 00000001:00000002 00:00000000 00000000  1000        0 1";
  private static final String SERVER =
      "   1: 0100007F:078F 0100007F:B2A0 01 00000000:00001000 00:00000000 00000000  1000        0 2";
  private static final String CLIENT =
      "   2: 0100007F:B2A0 0100007F:078F 01 00000200:00000000 00:00000000 00000000  1000        0 3";

  @Test
  void readsBothEndsOfAConnection() {
    assertThat(SocketQueues.receiving(SERVER, 1935)).isEqualTo(4096);
    assertThat(SocketQueues.sending(SERVER, 1935)).isZero();
    assertThat(SocketQueues.sending(CLIENT, 1935)).isEqualTo(512);
    assertThat(SocketQueues.receiving(CLIENT, 1935)).isZero();
    assertThat(SocketQueues.receiving(SERVER, 1936)).isZero();
  }

  @Test
  void aListenerAndTheHeadAreNone() {
    assertThat(SocketQueues.receiving(LISTENING, 1935)).isZero();
    assertThat(SocketQueues.receiving("  sl  local_address rem_address   st tx_queue", 1935))
        .isZero();
  }
}
