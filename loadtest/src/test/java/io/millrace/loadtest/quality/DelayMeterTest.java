package io.millrace.loadtest.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.codec.CodecException;
import org.junit.jupiter.api.Test;

class DelayMeterTest {
  @Test
  void aLineIsReadAsItWasWritten() {
    Delay delay = new Delay(266.67, 401.5, 9);
    assertThat(Delay.parse("encoded …\n" + delay.line() + "\n")).isEqualTo(delay);
    assertThatThrownBy(() -> Delay.parse("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withoutAPictureThereIsNoDelay() {
    DelayMeter meter =
        new DelayMeter(
            (settings, account) -> {
              throw new CodecException("not used");
            });
    assertThatThrownBy(meter::delay).isInstanceOf(IllegalStateException.class);
  }
}
