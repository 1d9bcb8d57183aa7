package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who is let in, by addresses for documentation (RFC 5737, RFC 3849). */
class ConnectionGateTest {
  private static final long SECOND_NS = 1_000_000_000;

  private final AtomicLong nowNs = new AtomicLong(5 * SECOND_NS);

  private ConnectionGate gate(int total, int perAddress, int perSecond) {
    return new ConnectionGate(
        HttpLimits.DEFAULTS.withConnections(total, perAddress, perSecond), nowNs::get);
  }

  private static InetAddress address(String literal) throws Exception {
    return InetAddress.getByName(literal);
  }

  /** Opens and closes at once, as who makes handshakes and nothing else. */
  private static int handshakes(ConnectionGate gate, InetAddress from, int tries) {
    int letIn = 0;
    for (int i = 0; i < tries; i++) {
      if (gate.enter(from) == null) {
        gate.leave(from);
        letIn++;
      }
    }
    return letIn;
  }

  @Test
  void anAddressOpensSoManyInASecondHoweverSoonItClosesThem() throws Exception {
    ConnectionGate gate = gate(1_000, 1_000, 50);
    InetAddress flood = address("192.0.2.1");
    assertThat(handshakes(gate, flood, 500)).isEqualTo(50);
    assertThat(gate.enter(flood)).isEqualTo("rate");
    nowNs.addAndGet(SECOND_NS / 10);
    assertThat(handshakes(gate, flood, 500)).isEqualTo(5);
    nowNs.addAndGet(60 * SECOND_NS);
    assertThat(handshakes(gate, flood, 500)).as("no more is saved up").isEqualTo(50);
    assertThat(gate.open()).isZero();
  }

  @Test
  void othersAreLetInBesideAFlood() throws Exception {
    ConnectionGate gate = gate(10_000, 1_000, 50);
    assertThat(handshakes(gate, address("192.0.2.1"), 500)).isEqualTo(50);
    for (int i = 1; i <= 200; i++) {
      assertThat(gate.enter(address("198.51.100." + i))).isNull();
    }
    assertThat(gate.open()).isEqualTo(200);
  }

  @Test
  void oneIpv6NetworkIsOneAddress() throws Exception {
    ConnectionGate gate = gate(1_000, 3, 4);
    assertThat(gate.enter(address("2001:db8::1"))).isNull();
    assertThat(gate.enter(address("2001:db8::2"))).isNull();
    assertThat(gate.enter(address("2001:db8::3"))).isNull();
    assertThat(gate.enter(address("2001:db8::4"))).isEqualTo("address");
    assertThat(gate.enter(address("2001:db8::5"))).isEqualTo("rate");
    assertThat(gate.enter(address("2001:db8:0:1::1"))).isNull();
    assertThat(gate.open()).isEqualTo(4);
  }

  @Test
  void loopbackIsAProxyAndCountsInAllOnly() throws Exception {
    ConnectionGate gate = gate(100, 1, 1);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int i = 0; i < 100; i++) {
      assertThat(gate.enter(loopback)).isNull();
    }
    assertThat(gate.enter(loopback)).isEqualTo("total");
    gate.leave(loopback);
    assertThat(gate.enter(loopback)).isNull();
  }
}
