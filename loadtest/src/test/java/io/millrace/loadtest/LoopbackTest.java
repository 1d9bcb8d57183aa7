package io.millrace.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class LoopbackTest {
  @Test
  void thisMachineIsFine() {
    for (String url :
        new String[] {"http://127.0.0.1:8080/a", "https://[::1]/", "rtmp://127.1.2.3/live"}) {
      assertThat(Loopback.require(URI.create(url))).hasToString(url);
    }
  }

  @Test
  void everyOtherMachineIsRefused() {
    for (String url :
        new String[] {"http://192.0.2.1/a", "rtmp://[2001:db8::1]/live", "http://0.0.0.0/"}) {
      assertThatThrownBy(() -> Loopback.require(URI.create(url)))
          .hasMessageContaining("loopback only");
    }
    assertThatThrownBy(() -> Loopback.require(URI.create("file:/etc/hosts")))
        .hasMessageContaining("no host");
  }
}
