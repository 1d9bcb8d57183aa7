package io.millrace.packager.segment;

import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.packager.Fragments;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold for any GOP structure, frame rate, part duration and payload. */
class PackagingPropertyTest {
  private static final int SEGMENTS = 12;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void videoComesOutAsItWentIn(int seed) throws Exception {
    Random random = new Random(seed);
    Recorder recorder = new Recorder();
    TrackPackager packager = TrackPackager.video(SETTINGS, 1_000_000, recorder);
    MessageDigest in = MessageDigest.getInstance("SHA-256");
    List<Long> ptsIn = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    long frame = List.of(12_000L, 12_012L, 14_400L, 6_006L, 2_500L).get(random.nextInt(5));
    long start = random.nextInt(1_000_000);
    long partTicks = partTicks(random, frame);
    packager.accept(video(h264(1280, 720)));
    List<ByteBuf> payloads = new ArrayList<>();
    for (int s = 0; s < SEGMENTS; s++) {
      packager.accept(boundary(s, start, partTicks));
      starts.add(start);
      int delay = random.nextInt(4);
      List<Integer> order = decodeOrder(random, 1 + random.nextInt(90), delay);
      for (int i = 0; i < order.size(); i++) {
        long dts = start + (i - delay) * frame;
        long pts = start + order.get(i) * frame;
        ByteBuf payload = payload(random);
        payloads.add(payload);
        in.update(payload.nioBuffer());
        ptsIn.add(pts);
        packager.accept(frame(dts, pts, i == 0, payload));
      }
      start += order.size() * frame;
    }
    packager.accept(boundary(SEGMENTS, start, partTicks));

    MessageDigest out = MessageDigest.getInstance("SHA-256");
    List<Long> ptsOut = new ArrayList<>();
    long end = starts.getFirst();
    for (int s = 0; s < SEGMENTS; s++) {
      Segment segment = recorder.segment(s);
      List<Fragments.Read> samples = Recorder.samples(segment);
      assertThat(segment.startTicks()).isEqualTo(starts.get(s)).isEqualTo(end);
      assertThat(samples.getFirst().dtsTicks()).isEqualTo(segment.startTicks());
      assertThat(samples).allMatch(sample -> sample.durationTicks() > 0);
      end = segment.startTicks();
      for (Fragments.Read sample : samples) {
        assertThat(sample.dtsTicks()).isEqualTo(end);
        end += sample.durationTicks();
        ptsOut.add(sample.ptsTicks());
        out.update(sample.payload());
      }
      assertThat(end).isEqualTo(segment.endTicks());
      assertThat(segment.sampleCount()).isEqualTo(samples.size());
    }
    assertThat(end).isEqualTo(start);
    assertThat(ptsOut).isEqualTo(ptsIn);
    assertThat(out.digest()).isEqualTo(in.digest());
    assertThat(payloads).allMatch(payload -> payload.refCnt() == 0);
    assertThat(packager.droppedSamples()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void audioComesOutAsItWentIn(int seed) throws Exception {
    Random random = new Random(seed);
    Recorder recorder = new Recorder();
    TrackPackager packager = TrackPackager.audio(SETTINGS, 0, recorder);
    int rate = List.of(48_000, 44_100, 22_050).get(random.nextInt(3));
    packager.accept(audio(aac(rate, 2)));
    MessageDigest in = MessageDigest.getInstance("SHA-256");
    List<Long> ptsIn = new ArrayList<>();
    long boundaryTicks = 0;
    int sequence = 0;
    long partTicks = partTicks(random, 15_000);
    packager.accept(boundary(sequence++, 0, partTicks));
    long lead = random.nextInt(360_000);
    long pts = random.nextInt(1024);
    for (int i = 0; i < 1500; i++) {
      while (pts * 360_000 / rate + lead >= boundaryTicks + 700_000) {
        boundaryTicks += 700_000;
        packager.accept(boundary(sequence++, boundaryTicks, partTicks));
      }
      ByteBuf payload = payload(random);
      in.update(payload.nioBuffer());
      ptsIn.add(pts);
      packager.accept(new Sample(1, pts, pts, 1024, true, payload));
      pts += random.nextInt(20) == 0 ? 1024 + random.nextInt(rate / 2) : 1020 + random.nextInt(9);
    }
    packager.accept(new End("test"));

    MessageDigest out = MessageDigest.getInstance("SHA-256");
    List<Long> ptsOut = new ArrayList<>();
    for (Interval interval : recorder.intervals) {
      if (interval instanceof Segment segment) {
        long boundary = segment.boundaryTicks() * rate / 360_000;
        assertThat(segment.startTicks()).isBetween(boundary, boundary + 700_000L * rate / 360_000);
        for (Fragments.Read sample : Recorder.samples(segment)) {
          ptsOut.add(sample.ptsTicks());
          out.update(sample.payload());
          assertThat(sample.durationTicks()).isBetween(1L, 1024L + rate / 10);
        }
      }
    }
    assertThat(ptsOut).isEqualTo(ptsIn);
    assertThat(out.digest()).isEqualTo(in.digest());
    // An empty interval at the end stays open.
    assertThat(recorder.intervals.size()).isBetween(sequence - 1, sequence);
    assertThat(recorder.intervals)
        .extracting(Interval::sequence)
        .isEqualTo(LongStream.range(0, recorder.intervals.size()).boxed().toList());
  }

  private static final SegmentSettings SETTINGS =
      new SegmentSettings(Duration.ofSeconds(2), Duration.ofSeconds(60), 64 << 20);

  /** None, or some number of frames. */
  private static long partTicks(Random random, long frame) {
    return random.nextBoolean() ? 0 : (1 + random.nextInt(9)) * frame;
  }

  /** Display indices in decoding order, none decoded more than {@code delay} frames late. */
  private static List<Integer> decodeOrder(Random random, int frames, int delay) {
    List<Integer> order = new ArrayList<>(List.of(0));
    for (int at = 1; at < frames; ) {
      int run = Math.min(frames - at, 1 + random.nextInt(delay + 1));
      order.add(at + run - 1);
      for (int b = 0; b < run - 1; b++) {
        order.add(at + b);
      }
      at += run;
    }
    return order;
  }

  private static ByteBuf payload(Random random) {
    byte[] bytes = new byte[1 + random.nextInt(300)];
    random.nextBytes(bytes);
    ByteBuf payload = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length + 3);
    payload.writeZero(3).writeBytes(bytes).readerIndex(3);
    return payload;
  }
}
