package io.millrace.codec.loudness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes out is measured by ffmpeg's ebur128. */
class LoudnessNormalizerTest {
  private static final int RATE = 48_000;
  private static final int SECONDS = 14;

  /** When a gain of 20 dB has been reached, at 10 dB a second behind the first block. */
  private static final int SETTLED_SECONDS = 4;

  @TempDir Path folder;

  private record Measured(double lufs, double truePeakDb) {}

  @ParameterizedTest
  @CsvSource({
    "tone, -40, -23",
    "tone, -26, -23",
    "tone, -6, -23",
    "tone, -3, -16",
    "noise, -40, -23",
    "noise, -20, -23",
    "noise, -14, -23",
    "noise, -30, -16",
    "tone, -20, -14.5",
  })
  void soundConvergesToTheTarget(String kind, double levelDb, double target) throws Exception {
    double amplitude = Math.pow(10, levelDb / 20);
    Random random = new Random(3);
    IntToDoubleFunction signal =
        kind.equals("tone")
            ? at -> amplitude * Math.sin(2 * Math.PI * 997 * at / RATE)
            : at -> amplitude * (2 * random.nextDouble() - 1);
    float[][] out = normalized(signal, 2, target);
    Measured measured = measure(out);
    assertThat(measured.lufs).isCloseTo(target, within(1.0));
    assertThat(measured.truePeakDb).isLessThanOrEqualTo(-0.9);
  }

  /** Clicks far above the rest want more gain than there is room for. */
  @Test
  void truePeaksStayBelowTheCeiling() throws Exception {
    Random random = new Random(4);
    IntToDoubleFunction signal =
        at ->
            0.02 * random.nextGaussian()
                + (at % 9_000 < 96 ? 0.9 * Math.sin(2 * Math.PI * 5_100 * at / RATE) : 0);
    Measured measured = measure(normalized(signal, 1, -16));
    assertThat(measured.truePeakDb).isLessThanOrEqualTo(-0.9);
  }

  @Test
  void silenceIsNotMadeLoud() {
    Random random = new Random(5);
    float[][] out = normalized(_ -> 1e-5 * (random.nextDouble() - 0.5), 2, -16);
    for (float sample : out[0]) {
      assertThat(Math.abs(sample)).isLessThan(1e-5f);
    }
  }

  @Test
  void whatNeedsNothingOnlyComesLater() {
    LoudnessNormalizer normalizer = new LoudnessNormalizer(RATE, 1, -23);
    float[][] pcm = new float[1][RATE / 20];
    for (int i = 0; i < pcm[0].length; i++) {
      pcm[0][i] = 0.1f * (float) Math.sin(i * 0.05);
    }
    float[] in = pcm[0].clone();
    normalizer.process(pcm, in.length);
    int delay = normalizer.delaySamples();
    assertThat(delay).isBetween(RATE / 250, RATE / 150);
    for (int i = delay; i < in.length; i++) {
      assertThat(pcm[0][i]).isCloseTo(in[i - delay], within(1e-5f));
    }
  }

  /** A second of each is not measured: the gain is on its way. */
  private static float[][] normalized(IntToDoubleFunction signal, int channels, double target) {
    LoudnessNormalizer normalizer = new LoudnessNormalizer(RATE, channels, target);
    int frame = 1024;
    int total = SECONDS * RATE / frame * frame;
    float[][] all = new float[channels][total];
    float[][] pcm = new float[channels][frame];
    for (int from = 0; from < total; from += frame) {
      for (int i = 0; i < frame; i++) {
        float sample = (float) signal.applyAsDouble(from + i);
        for (float[] channel : pcm) {
          channel[i] = sample;
        }
      }
      normalizer.process(pcm, frame);
      for (int channel = 0; channel < channels; channel++) {
        System.arraycopy(pcm[channel], 0, all[channel], from, frame);
      }
    }
    return all;
  }

  private Measured measure(float[][] pcm) throws IOException, InterruptedException {
    int from = SETTLED_SECONDS * RATE;
    ByteBuffer bytes =
        ByteBuffer.allocate((pcm[0].length - from) * pcm.length * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < pcm[0].length; i++) {
      for (float[] channel : pcm) {
        bytes.putFloat(channel[i]);
      }
    }
    Path raw = Files.write(folder.resolve("sound.raw"), bytes.array());
    Path log = folder.resolve("log.txt");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "ffmpeg",
                  "-nostdin",
                  "-hide_banner",
                  "-f",
                  "f32le",
                  "-ar",
                  "" + RATE,
                  "-ac",
                  "" + pcm.length,
                  "-i",
                  raw.toString(),
                  "-af",
                  "ebur128=peak=true",
                  "-f",
                  "null",
                  "-")
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      if (System.getenv("CI") != null) {
        fail("ffmpeg is not installed", e);
      }
      assumeTrue(false, "ffmpeg is not installed");
      throw e;
    }
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(log, StandardCharsets.UTF_8);
    String summary = text.substring(text.lastIndexOf("Summary:"));
    return new Measured(number(summary, "I:"), number(summary, "Peak:"));
  }

  private static double number(String text, String label) {
    Matcher matcher = Pattern.compile(label + "\\s+(-?[0-9.]+)").matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }
}
