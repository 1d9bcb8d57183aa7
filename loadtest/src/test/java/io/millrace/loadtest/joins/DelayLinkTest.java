package io.millrace.loadtest.joins;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DelayLinkTest {
  /** An IPv4 header without options, 198.18.0.1 to 198.18.0.4, and some bytes of UDP. */
  private static final String PACKET =
      "45000020000040004011" + "aea8" + "c6120001c6120004" + "cafe0102";

  @Test
  void exchangingAddressesLeavesChecksumsRight() {
    byte[] packet = HexFormat.of().parseHex(PACKET);
    int before = checksum(packet);
    DelayLink.exchangeAddresses(packet);
    assertThat(HexFormat.of().formatHex(packet, 12, 20)).isEqualTo("c6120004c6120001");
    assertThat(checksum(packet)).isEqualTo(before);
    assertThat(HexFormat.of().formatHex(packet, 20, 24)).isEqualTo("cafe0102");
  }

  /** The sum of RFC 1071 over the header of 20 bytes. */
  private static int checksum(byte[] packet) {
    int sum = 0;
    for (int i = 0; i < 20; i += 2) {
      sum += (packet[i] & 0xff) << 8 | packet[i + 1] & 0xff;
    }
    return (sum & 0xffff) + (sum >>> 16);
  }
}
