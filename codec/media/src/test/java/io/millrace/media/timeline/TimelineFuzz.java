package io.millrace.media.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Fixtures;
import io.millrace.media.FrameRates;
import io.millrace.media.FuzzSeeds;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: any sequence of times. The first byte chooses wire and origin; then each step is a
 * byte that says what comes and how its time is written, and the time.
 *
 * <pre>
 *  2 0 picture, 1 sound, 2 frame rate declared, 3 rate and length of sound | 2 track | 1 – |
 *  3 form of the time: 0–3 one step later, 4 signed 8, 5 signed 16, 6 signed 32 bits more, 7 anywhere
 * </pre>
 *
 * Nothing is thrown, decoding and audio times strictly increase within their track, and a picture
 * is shown as long after it is decoded as the sender says, to 4 ms.
 */
public final class TimelineFuzz {
  private static final int TRACKS_OF_A_KIND = 4;
  private static final int MAXIMUM_STEPS = 4_000;

  /** 1.5 ms for decoding and 2.5 ms for presentation ({@link Timeline}). */
  private static final long TOLERANCE_TICKS = Timescale.VIDEO.ticksPerSecond() / 250;

  private static final int[] SAMPLE_RATES = {48_000, 44_100, 8_000, 96_000, 1, 16_777_215, 22_050};
  private static final int[] FRAME_SAMPLES = {1024, 1152, 960, 2048, 120, 5760, 576};

  private final Timeline timeline;
  private final int wirePerSecond;
  private final int compositionBits;
  private final long[] wire = new long[2 * TRACKS_OF_A_KIND];
  private final long[] last = new long[2 * TRACKS_OF_A_KIND];
  private final int[] sampleRate = new int[2 * TRACKS_OF_A_KIND];
  private final int[] frameSamples = new int[2 * TRACKS_OF_A_KIND];

  private TimelineFuzz(int choice) {
    boolean rtmp = (choice & 1) == 0;
    wirePerSecond = rtmp ? 1_000 : 90_000;
    compositionBits = rtmp ? 24 : 33;
    long originTicks = (choice >> 1 & 0x7F) * 1_000_000_007L;
    timeline =
        rtmp
            ? new Timeline(Timescale.MILLIS, 32, originTicks)
            : new Timeline(new Timescale(wirePerSecond), 33, originTicks);
    Arrays.fill(last, Long.MIN_VALUE);
    Arrays.fill(sampleRate, SAMPLE_RATES[0]);
    Arrays.fill(frameSamples, FRAME_SAMPLES[0]);
  }

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    TimelineFuzz fuzz = new TimelineFuzz(data[0] & 0xFF);
    ByteBuffer in = ByteBuffer.wrap(data, 1, data.length - 1);
    for (int step = 0; step < MAXIMUM_STEPS && in.hasRemaining(); step++) {
      fuzz.step(in);
    }
    Timeline.Counters counters = fuzz.timeline.counters();
    assertThat(counters.jumps()).isBetween(0L, (long) data.length);
    assertThat(counters.duplicates()).isBetween(0L, (long) data.length);
  }

  private void step(ByteBuffer in) {
    int what = in.get();
    int index = what >> 4 & 3;
    switch (what >> 6 & 3) {
      case 0 -> picture(TrackEvent.videoTrack(index), what & 7, in);
      case 1 -> sound(TrackEvent.audioTrack(index), what & 7, in);
      case 2 -> {
        List<Rational> rates = FrameRates.STANDARD;
        int rate = next(in) & 0xFF;
        timeline.frameRate(
            TrackEvent.videoTrack(index), rate < rates.size() ? rates.get(rate) : null);
      }
      default -> {
        int track = TrackEvent.audioTrack(index);
        int choice = next(in) & 0xFF;
        int rate = SAMPLE_RATES[choice % SAMPLE_RATES.length];
        if (rate != sampleRate[track]) {
          last[track] = Long.MIN_VALUE; // a new count, in other units
        }
        sampleRate[track] = rate;
        frameSamples[track] = FRAME_SAMPLES[choice / SAMPLE_RATES.length % FRAME_SAMPLES.length];
      }
    }
  }

  private void picture(int track, int form, ByteBuffer in) {
    wire[track] = time(wire[track], wirePerSecond / 30, form, in);
    long composition = form == 0 ? 0 : form == 1 ? wirePerSecond / 15 : (long) next(in) << 4;
    if (form == 7) {
      int spare = Long.SIZE - compositionBits;
      composition = (long) nextInt(in) << spare >> spare;
    }
    VideoStamp stamp = timeline.video(track, wire[track], composition);
    assertThat(stamp.dtsTicks()).isGreaterThan(last[track]);
    last[track] = stamp.dtsTicks();
    long expected = composition * (Timescale.VIDEO.ticksPerSecond() / wirePerSecond);
    assertThat(stamp.ptsTicks() - stamp.dtsTicks())
        .isBetween(expected - TOLERANCE_TICKS, expected + TOLERANCE_TICKS);
  }

  private void sound(int track, int form, ByteBuffer in) {
    long stepTicks =
        Timescale.scale(frameSamples[track], wirePerSecond, Math.max(1, sampleRate[track]));
    wire[track] = time(wire[track], stepTicks, form, in);
    long samples = timeline.audio(track, wire[track], sampleRate[track], frameSamples[track]);
    assertThat(samples).isGreaterThan(last[track]);
    last[track] = samples;
  }

  private static long time(long before, long stepTicks, int form, ByteBuffer in) {
    return switch (form) {
      case 4 -> before + next(in);
      case 5 -> before + (short) (next(in) << 8 | next(in) & 0xFF);
      case 6 -> before + nextInt(in);
      case 7 -> (long) nextInt(in) << 16 ^ nextInt(in);
      default -> before + stepTicks;
    };
  }

  private static byte next(ByteBuffer in) {
    return in.hasRemaining() ? in.get() : 0;
  }

  private static int nextInt(ByteBuffer in) {
    return next(in) << 24 | (next(in) & 0xFF) << 16 | (next(in) & 0xFF) << 8 | next(in) & 0xFF;
  }

  public static List<byte[]> seeds() {
    FuzzSeeds seeds = new FuzzSeeds();
    for (String golden :
        List.of(
            "ntsc_b_frames",
            "jump_back_1h",
            "jump_forward_1h",
            "wrap_32_bits",
            "audio_bunched",
            "camera_clock_drifts",
            "duplicate_dts",
            "missing_audio")) {
      seeds.add(new byte[1], steps("/timelines/" + golden + ".txt"));
    }
    seeds.add(new byte[] {1}, steps("/timelines/wrap_33_bits.txt"));
    return seeds
        .hex(0, "80 03 00 00 01 00 00 40 41 00 41 00 40", "c0 09 40 41 40 c0 03 40 40")
        .hex(1, "07 00000000 ffffffff 7fffffff 47 ffffffff 80000000 06 7fffffff 46 80000000")
        .list();
  }

  /** A golden timeline's inputs, as differences of 32 bits. */
  private static byte[] steps(String golden) {
    ByteBuffer out = ByteBuffer.allocate(1 << 16);
    long[] before = new long[2];
    for (Fixtures.Row row : Fixtures.table(golden)) {
      List<String> words = row.cells().stream().filter(cell -> !cell.isEmpty()).toList();
      boolean picture = words.getFirst().startsWith("V");
      int at = words.indexOf(picture ? "dts" : "time") + 1;
      if (at == 0 || at >= words.size() || !words.get(at).matches("-?\\d+")) {
        continue;
      }
      long time = Long.parseLong(words.get(at));
      int kind = picture ? 0 : 1;
      out.put((byte) (kind << 6 | 6)).putInt((int) (time - before[kind]));
      if (picture) {
        out.put((byte) (Long.parseLong(words.get(at + 2)) >> 4));
      }
      before[kind] = time;
    }
    return Arrays.copyOf(out.array(), out.position());
  }
}
