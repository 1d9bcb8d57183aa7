package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ViewersTest {
  private static final StreamKey SHOW = new StreamKey("live", "show");
  private static final StreamKey OTHER = new StreamKey("live", "other");

  private final AtomicLong nowNs = new AtomicLong(1);
  private final Viewers viewers = new Viewers(nowNs::get);

  private void pass(Duration time) {
    nowNs.addAndGet(time.toNanos());
  }

  @Test
  void viewersAreForgottenTenSecondsAfterTheirLastRequest() {
    viewers.saw(SHOW, 1);
    viewers.saw(SHOW, 2);
    viewers.saw(SHOW, 2);
    viewers.saw(OTHER, 2);
    assertThat(viewers.count(SHOW)).isEqualTo(2);
    assertThat(viewers.count(OTHER)).isEqualTo(1);
    pass(Duration.ofSeconds(8));
    viewers.saw(SHOW, 1);
    pass(Duration.ofSeconds(4));
    assertThat(viewers.count(SHOW)).isEqualTo(1);
    assertThat(viewers.count(OTHER)).isZero();
  }

  @Test
  void countingIsNotRepeatedWithinASecond() {
    viewers.saw(SHOW, 1);
    assertThat(viewers.count(SHOW)).isEqualTo(1);
    viewers.saw(SHOW, 2);
    assertThat(viewers.count(SHOW)).isEqualTo(1);
    pass(Duration.ofMillis(1001));
    assertThat(viewers.count(SHOW)).isEqualTo(2);
  }
}
