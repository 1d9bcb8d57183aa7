package io.millrace.codec.quality;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrfControlTest {
  private static final int H264 = 51;
  private static final int AV1 = 63;

  @ParameterizedTest
  @CsvSource({
    "23, 93.0, 23", // there
    "23, 92.1, 23", // near enough
    "23, 91.0, 22",
    "23, 88.0, 20",
    "23, 60.0, 19", // no more at once
    "23, 96.0, 25",
    "30, 99.0, 34"
  })
  void aStepIsWhatTheDistanceIsWorth(int crf, double vmaf, int next) {
    assertThat(new CrfControl(93, 23, H264).next(crf, vmaf, false)).isEqualTo(next);
  }

  @Test
  void av1HasSmallerSteps() {
    assertThat(new CrfControl(93, 35, AV1).next(35, 91, false)).isEqualTo(32);
    assertThat(new CrfControl(93, 35, AV1).next(35, 94.2, false)).isEqualTo(37);
  }

  @Test
  void itStaysInReachOfItsOwnAndOfTheEngine() {
    assertThat(new CrfControl(93, 23, H264).next(12, 50, false)).isEqualTo(11);
    assertThat(new CrfControl(93, 23, H264).next(11, 50, false)).isEqualTo(11);
    assertThat(new CrfControl(60, 48, H264).next(50, 90, false)).isEqualTo(51);
    assertThat(new CrfControl(93, 4, H264).next(2, 50, false)).isEqualTo(1);
  }

  @Test
  void atTheCapLessBringsNothingAndMoreIsTaken() {
    CrfControl control = new CrfControl(93, 23, H264);
    assertThat(control.next(23, 80, true)).isEqualTo(23);
    assertThat(control.next(23, 97, true)).isEqualTo(26);
  }
}
