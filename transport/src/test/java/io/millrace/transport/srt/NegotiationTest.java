package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.flow.FlowSettings;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeExtension.Capabilities;
import java.util.List;
import org.junit.jupiter.api.Test;

class NegotiationTest {
  /** Found by fuzzing: the 16 bits of the wire say up to 65 s, a connection holds 60. */
  @Test
  void aListenerThatAsksForMoreThanAMinuteGetsAMinute() throws Exception {
    Capabilities greedy =
        new Capabilities(ExtensionType.HANDSHAKE_RESPONSE, 0x010501, 0xBF, 0xFFFF, 0xFFFF);
    Handshake answer =
        new Handshake(
            Handshake.VERSION_5,
            0,
            Handshake.HAS_HANDSHAKE,
            1_000,
            1_500,
            8_192,
            Handshake.CONCLUSION,
            7,
            0,
            Handshake.PeerAddress.NONE,
            List.of(greedy));
    Negotiation settled = Negotiation.of(answer, ExtensionType.HANDSHAKE_RESPONSE, 1_500);
    FlowSettings flow =
        settled.flow(
            1,
            0,
            0,
            0,
            Negotiation.callersLatencyMs(120, greedy.senderLatencyMs()),
            Negotiation.callersLatencyMs(120, greedy.receiverLatencyMs()),
            8_192,
            1 << 20);
    assertThat(flow.receiving().latencyUs()).isEqualTo(60_000_000);
    assertThat(flow.sending().latencyUs()).isEqualTo(60_000_000);
  }
}
