package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PcmAssemblerTest {
  private static final int RATE = 48_000;

  private final List<Long> times = new ArrayList<>();
  private final List<Float> firsts = new ArrayList<>();
  private final PcmAssembler assembler = new PcmAssembler(RATE, 1, 1024);

  @Test
  void framesFollowEachOtherWhateverTheInputIsCutInto() {
    for (int i = 0; i < 8; i++) {
      add(600, 5000 + 600L * i, i);
    }
    finish();
    assertThat(times).containsExactly(5000L, 6024L, 7048L, 8072L, 9096L);
  }

  @Test
  void roundingIsIgnored() {
    add(1024, 0, 1);
    add(1024, 1030, 2);
    add(1024, 2040, 3);
    assertThat(times).containsExactly(0L, 1024L, 2048L);
    assertThat(firsts).containsExactly(1f, 2f, 3f);
  }

  @ParameterizedTest
  @ValueSource(ints = {-3, -1, 1, 3})
  void timesThatCreepAwayAreFollowedWithoutAHole(int samplesPerFrame) {
    int frames = 2_000;
    for (int i = 0; i < frames; i++) {
      add(1024, i * (1024L + samplesPerFrame), 1);
    }
    long expected = (frames - 1) * (1024L + samplesPerFrame);
    assertThat(times.getLast()).isBetween(expected - 2048, expected + 1024);
    assertThat(firsts).containsOnly(1f);
    for (int i = 1; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(i - 1)).isEqualTo(1024);
    }
  }

  @Test
  void soundThatIsStretchedKeepsItsShape() {
    float[][] pcm = new float[1][1024];
    for (int i = 0; i < 1024; i++) {
      pcm[0][i] = i / 1023f;
    }
    add(1024, 0, 0);
    List<Float> shape = new ArrayList<>();
    assembler.add(
        pcm,
        1024,
        1024 + 100,
        (channels, ptsTicks) -> {
          for (int i = 0; i < 1024; i++) {
            shape.add(channels[0][i]);
          }
        });
    assertThat(shape).hasSize(1024).isSorted();
    assertThat(shape.getLast()).isBetween(0.99f, 1f);
  }

  @Test
  void aShortGapIsSilence() {
    add(1024, 0, 1);
    add(1024, 1024 + 10 * 1024, 2);
    assertThat(times).hasSize(12).endsWith(11L * 1024);
    assertThat(firsts.subList(1, 11)).containsOnly(0f);
    assertThat(firsts.getLast()).isEqualTo(2f);
  }

  @Test
  void afterALongGapTheCountStartsAgain() {
    add(1500, 0, 1);
    add(1024, 100L * RATE, 2);
    assertThat(times).containsExactly(0L, 1024L, 100L * RATE);
  }

  @Test
  void anOverlapIsCut() {
    for (int i = 0; i < 10; i++) {
      add(1024, 1024L * i, i);
    }
    add(1024, 0, 50);
    assertThat(times).hasSize(10);
    assertThat(firsts).doesNotContain(50f);
  }

  private void add(int samples, long ptsTicks, float value) {
    float[][] pcm = new float[1][samples];
    Arrays.fill(pcm[0], value);
    assembler.add(pcm, samples, ptsTicks, this::frame);
  }

  private void finish() {
    assembler.finish(this::frame);
  }

  private void frame(float[][] channels, long ptsTicks) {
    times.add(ptsTicks);
    firsts.add(channels[0][0]);
  }
}
