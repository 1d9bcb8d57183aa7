package io.millrace.loadtest.e2e;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the offset of sound against picture in what viewers get, from content: the source
 * flashes white and beeps at the same instants ({@link Publisher#FLASH_AND_BEEP}).
 */
public final class AvSync {
  private static final int WHITE = 190;
  private static final int LOUD = 3000;
  private static final double QUIET_SECONDS = 0.4;

  private AvSync() {}

  /** Seconds by which each beep comes after its flash, on the stream's own clock. */
  public static List<Double> offsets(HlsClient.Track video, HlsClient.Track audio, Ffmpeg ffmpeg) {
    List<Double> flashes = flashes(video, ffmpeg.brightness(video));
    List<Double> beeps = beeps(audio, ffmpeg.sound(audio));
    List<Double> offsets = new ArrayList<>();
    for (double flash : flashes) {
      beeps.stream()
          .map(beep -> beep - flash)
          .filter(offset -> Math.abs(offset) < QUIET_SECONDS)
          .findFirst()
          .ifPresent(offsets::add);
    }
    return offsets;
  }

  private static List<Double> flashes(HlsClient.Track track, byte[] brightness) {
    double timescale = track.init().timescale();
    List<Long> times =
        track.segments().values().stream()
            .filter(fetched -> !fetched.entry().gap())
            .flatMap(fetched -> fetched.media().presentationTicks().stream())
            .sorted()
            .toList();
    if (times.size() != brightness.length) {
      throw new AssertionError(
          track.name() + ": " + times.size() + " samples, " + brightness.length + " pictures");
    }
    List<Double> flashes = new ArrayList<>();
    for (int i = 1; i < brightness.length; i++) {
      if ((brightness[i] & 0xff) >= WHITE && (brightness[i - 1] & 0xff) < WHITE) {
        flashes.add(times.get(i) / timescale);
      }
    }
    return flashes;
  }

  private static List<Double> beeps(HlsClient.Track track, byte[] sound) {
    double rate = track.init().timescale();
    double start = track.segments().firstEntry().getValue().media().decodeTimeTicks() / rate;
    var samples = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    List<Double> beeps = new ArrayList<>();
    double loudAt = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < samples.limit(); i++) {
      if (Math.abs(samples.get(i)) < LOUD) {
        continue;
      }
      double at = start + i / rate;
      if (at - loudAt > QUIET_SECONDS && i > 0) {
        beeps.add(at);
      }
      loudAt = at;
    }
    return beeps;
  }
}
