package io.millrace.codec.testsource;

import java.time.Instant;
import java.time.temporal.ChronoField;

/**
 * A 440 Hz tone at −20 dBFS with an 80 ms beep of 1 kHz at every full second of the clock, so that
 * picture and sound can be compared by eye and ear.
 */
final class Tone {
  private static final double TONE_HZ = 440;
  private static final double TONE_AMPLITUDE = 0.1;
  private static final double BEEP_HZ = 1000;
  private static final double BEEP_AMPLITUDE = 0.25;
  private static final double BEEP_SECONDS = 0.08;

  private final int sampleRate;
  private final double startSecond;

  Tone(int sampleRate, Instant start) {
    this.sampleRate = sampleRate;
    this.startSecond = start.get(ChronoField.NANO_OF_SECOND) / 1e9;
  }

  /** Fills {@code channel} with the samples from {@code firstSample} on. */
  void fill(float[] channel, long firstSample) {
    for (int i = 0; i < channel.length; i++) {
      channel[i] = (float) at(firstSample + i);
    }
  }

  private double at(long sample) {
    // The phase restarts with every second: both frequencies are whole, so nothing jumps.
    double phaseSeconds = (double) Math.floorMod(sample, sampleRate) / sampleRate;
    double value = TONE_AMPLITUDE * Math.sin(2 * Math.PI * TONE_HZ * phaseSeconds);
    double clockSeconds = startSecond + (double) sample / sampleRate;
    double intoSecond = clockSeconds - Math.floor(clockSeconds);
    if (intoSecond < BEEP_SECONDS) {
      double envelope = 0.5 - 0.5 * Math.cos(2 * Math.PI * intoSecond / BEEP_SECONDS);
      value += BEEP_AMPLITUDE * envelope * Math.sin(2 * Math.PI * BEEP_HZ * intoSecond);
    }
    return value;
  }
}
