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
    List<Double> flashes = new ArrayList<>();
    for (HlsClient.Track piece : video.pieces()) {
      flashes.addAll(flashes(piece, ffmpeg.brightness(piece)));
    }
    List<Double> beeps = new ArrayList<>();
    for (HlsClient.Track piece : audio.pieces()) {
      beeps.addAll(beeps(piece, ffmpeg.sound(piece)));
    }
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

  /** A sample's time is that of the access unit which it came out of: units may be apart. */
  private static List<Double> beeps(HlsClient.Track track, byte[] sound) {
    double rate = track.init().timescale();
    List<Long> units =
        track.segments().values().stream()
            .flatMap(fetched -> fetched.media().presentationTicks().stream())
            .toList();
    var samples = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    int unitSamples = Math.ceilDiv(samples.limit(), units.size());
    List<Double> beeps = new ArrayList<>();
    double loudAt = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < samples.limit(); i++) {
      if (Math.abs(samples.get(i)) < LOUD) {
        continue;
      }
      double at = (units.get(i / unitSamples) + i % unitSamples) / rate;
      if (at - loudAt > QUIET_SECONDS && i > 0) {
        beeps.add(at);
      }
      loudAt = at;
    }
    return beeps;
  }
}
