package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SrtPullUrlTest {
  @Test
  void readsWhatCallersUse() {
    SrtPullUrl url =
        SrtPullUrl.parse(
            URI.create(
                "srt://studio.invalid:9000?streamid=%23!::r=cam1&passphrase=hunter2hunter2"
                    + "&pbkeylen=32&latency=250&mode=caller"));
    assertThat(url.place()).isEqualTo("studio.invalid:9000");
    assertThat(url.address().isUnresolved()).isTrue();
    assertThat(url.settings().streamId()).isEqualTo("#!::r=cam1");
    assertThat(url.settings().passphrase()).isEqualTo("hunter2hunter2");
    assertThat(url.settings().keyBytes()).isEqualTo(32);
    assertThat(url.settings().latency()).isEqualTo(Duration.ofMillis(250));
    assertThat(url.toString()).doesNotContain("hunter2");
  }

  @Test
  void needsNoParameters() {
    SrtPullUrl url = SrtPullUrl.parse(URI.create("srt://127.0.0.1:9000"));
    assertThat(url.settings().streamId()).isEmpty();
    assertThat(url.settings().passphrase()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"latency=fast", "latency=30001", "mode=listener", "pbkeylen=17", "streamId=x"})
  void saysWhichParameterItCannotUse(String parameter) {
    String name = parameter.substring(0, parameter.indexOf('='));
    assertThatThrownBy(
            () ->
                SrtPullUrl.parse(
                    URI.create("srt://127.0.0.1:9000?passphrase=hunter2hunter2&" + parameter)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name.equals("pbkeylen") ? "key" : name)
        .hasMessageNotContaining("hunter2");
  }
}
