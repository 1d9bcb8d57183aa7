package io.millrace.media.mpegts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Colour;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AdtsHeader;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.h264.AnnexB;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.opus.OpusConfiguration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TsMuxerTest {
  private static final Timescale WIRE = new Timescale(TsAccessUnit.TICKS_PER_SECOND);

  /** A clock that wraps in the middle of the stream, among others. */
  private static final long WRAP_TICKS = (1L << 33) * 4 - TsMuxer.DELAY_TICKS * 4 - 180_000;

  @ParameterizedTest
  @ValueSource(longs = {0, -720_000, 1_000_003, WRAP_TICKS, WRAP_TICKS * 5})
  void whatGoesInComesOut(long startTicks) {
    for (long seed = 0; seed < 8; seed++) {
      Random random = new Random(seed);
      List<TrackEvent> events = TestProgram.events(random, 40, startTicks);
      events.forEach(TrackEvent::retain);
      TsRecorder recorder = TsDemuxerFfmpegTest.demux(TestProgram.mux(events), random);
      assertThat(recorder.losses).isEmpty();
      assertThat(recorder.notes).isEmpty();
      same(events, 0, recorder.of(TestProgram.VIDEO_PID));
      same(events, 1, recorder.of(TestProgram.AUDIO_PID));
      events.forEach(TrackEvent::release);
    }
  }

  private static void same(List<TrackEvent> events, int track, List<TsRecorder.Unit> units) {
    AvcConfiguration avc = AvcConfiguration.parse(TestProgram.AVC.configuration());
    List<Sample> samples =
        events.stream()
            .filter(event -> event instanceof Sample sample && sample.track() == track)
            .map(Sample.class::cast)
            .toList();
    assertThat(units).hasSameSizeAs(samples);
    for (int i = 0; i < units.size(); i++) {
      Sample sample = samples.get(i);
      TsRecorder.Unit unit = units.get(i);
      Timescale timescale = track == 0 ? Timescale.VIDEO : TestProgram.AAC.timescale();
      assertThat(unit.pts()).isEqualTo(wire(timescale.rescale(sample.ptsTicks(), WIRE)));
      assertThat(unit.dts()).isEqualTo(wire(timescale.rescale(sample.dtsTicks(), WIRE)));
      assertThat(unit.randomAccess()).isEqualTo(sample.key());
      ByteBuf bytes = Unpooled.wrappedBuffer(unit.bytes());
      if (track == 0) {
        ByteBuf payload = AnnexB.toSample(bytes, avc, Heap.allocator());
        assertThat(payload).isEqualTo(sample.payload());
        payload.release();
      } else {
        int headerBytes = AdtsHeader.parse(bytes, 0).headerSizeBytes();
        assertThat(bytes.skipBytes(headerBytes)).isEqualTo(sample.payload());
      }
    }
  }

  private static long wire(long ticks) {
    return ticks + TsMuxer.DELAY_TICKS & (1L << TsAccessUnit.TIME_BITS) - 1;
  }

  @Test
  void clockAndTablesComeOftenEnough() {
    byte[] bytes = TestProgram.stream(1, 250);
    TsPacket packet = new TsPacket();
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    long clock = -1;
    long tablesAt = -1;
    int references = 0;
    for (int at = 0; at < bytes.length; at += TsPacket.SIZE_BYTES) {
      assertThat(packet.read(in, at)).isTrue();
      if (packet.pcr() != TsPacket.NO_PCR) {
        assertThat(packet.pid()).isEqualTo(TestProgram.VIDEO_PID);
        if (clock >= 0) {
          assertThat(packet.pcr() - clock).isBetween(1L, 40 * 27_000L);
        }
        clock = packet.pcr();
        references++;
      }
      if (packet.pid() == TsPacket.PID_PAT && clock >= 0) {
        assertThat(clock - tablesAt).isLessThanOrEqualTo(140 * 27_000L);
        tablesAt = clock;
      } else if (packet.pid() == TsPacket.PID_PAT) {
        tablesAt = 0;
      }
    }
    assertThat(references).isGreaterThanOrEqualTo(250);
  }

  @Test
  void slowPicturesGetClockReferencesOfTheirOwn() {
    List<TrackEvent> events = new ArrayList<>(List.of(new Format(0, TestProgram.AVC)));
    for (TrackEvent event : TestProgram.events(new Random(3), 5, 0)) {
      if (event instanceof Sample sample && sample.track() == 0) {
        long ticks = sample.dtsTicks() * 5; // 5 fps
        events.add(new Sample(0, ticks, ticks, 0, sample.key(), sample.payload()));
      } else {
        event.release();
      }
    }
    byte[] bytes = TestProgram.mux(events);
    TsPacket packet = new TsPacket();
    long clock = -1;
    for (int at = 0; at < bytes.length; at += TsPacket.SIZE_BYTES) {
      assertThat(packet.read(Unpooled.wrappedBuffer(bytes), at)).isTrue();
      if (packet.pcr() != TsPacket.NO_PCR) {
        assertThat(packet.pcr() - clock).isLessThanOrEqualTo(40 * 27_000L + 1);
        clock = packet.pcr();
      }
    }
    assertThat(clock).isEqualTo(4 * 200 * 27_000L);
  }

  @Test
  void aTrackThatJoinsLaterIsANewMap() {
    List<TrackEvent> late = new ArrayList<>(List.of(new Format(0, TestProgram.AVC)));
    boolean joined = false;
    for (TrackEvent event : TestProgram.events(new Random(5), 30, 0)) {
      boolean sound = event instanceof Sample sample && sample.track() == 1;
      if (sound && !joined && ((Sample) event).dtsTicks() > 24_000) {
        joined = true;
        late.add(new Format(1, TestProgram.AAC));
      }
      if (event instanceof Sample && (joined || !sound)) {
        late.add(event);
      } else {
        event.release();
      }
    }
    TsRecorder recorder = TsDemuxerFfmpegTest.demux(TestProgram.mux(late), new Random(5));
    assertThat(recorder.programs).hasSize(2);
    assertThat(recorder.programs.get(0).streams()).hasSize(1);
    assertThat(recorder.programs.get(1).streams()).hasSize(2);
    assertThat(recorder.of(TestProgram.VIDEO_PID)).hasSize(30);
    assertThat(recorder.losses).isEmpty();
  }

  @Test
  void cuesKeepTheirPlace() {
    byte[] tag = "ID3 pretend".getBytes(StandardCharsets.ISO_8859_1);
    byte[] splice = SpliceInfoTest.timeSignal(5_000, 0);
    List<TrackEvent> events = TestProgram.events(new Random(9), 30, 0);
    events.add(20, new Cue(720_000, CueSchemes.SCTE35, splice));
    events.add(24, new Cue(360_000, CueSchemes.ID3, tag));
    events.add(28, new Cue(360_000, "urn:unknown", tag));
    TsRecorder recorder = TsDemuxerFfmpegTest.demux(TestProgram.mux(events), new Random(9));
    assertThat(recorder.cues).hasSize(2);
    SpliceInfo info = SpliceInfo.parse(Unpooled.wrappedBuffer(recorder.cues.get(0).bytes()));
    assertThat(info.pts()).isEqualTo(2 * 90_000 + TsMuxer.DELAY_TICKS);
    assertThat(recorder.cues.get(1).pts()).isEqualTo(90_000 + TsMuxer.DELAY_TICKS);
    assertThat(recorder.cues.get(1).bytes()).isEqualTo(tag);
    assertThat(recorder.program().streams())
        .extracting(ElementaryStream::kind)
        .containsExactly(
            StreamKind.H264, StreamKind.AAC_ADTS, StreamKind.SCTE35, StreamKind.TIMED_ID3);
  }

  @Test
  void refusesWhatHasNoPlaceInATransportStream() {
    TrackFormat.Video av1 =
        new TrackFormat.Video(
            VideoCodec.AV1,
            "av01.0.05M.08",
            new byte[] {(byte) 0x81, 5, 12, 0},
            640,
            360,
            Rational.ONE,
            null,
            Colour.UNSPECIFIED,
            0);
    try (TsMuxer muxer = new TsMuxer(Heap.allocator(), ByteBuf::release)) {
      assertThatThrownBy(() -> muxer.accept(new Format(0, av1)))
          .isInstanceOf(MediaFormatException.class)
          .hasMessage("AV1 in MPEG-TS");
    }
  }

  /** An RTMP message may be longer than the 13 bits of an ADTS header say. */
  @Test
  void anAacFrameThatNoHeaderHoldsIsLeftOutAndTheNextIsTaken() {
    List<Integer> sizes = new ArrayList<>();
    try (TsMuxer muxer =
        new TsMuxer(
            Heap.allocator(),
            packets -> {
              sizes.add(packets.readableBytes());
              packets.release();
            })) {
      muxer.accept(new Format(1, AudioSpecificConfig.lc(48_000, 2).toFormat()));
      ByteBuf longest = Unpooled.wrappedBuffer(new byte[8_184]);
      ByteBuf longer = Unpooled.wrappedBuffer(new byte[8_185]);
      assertThatThrownBy(() -> muxer.accept(new Sample(1, 0, 0, 1024, true, longer)))
          .isInstanceOf(MediaFormatException.class)
          .hasMessage("AAC frame of 8185 bytes");
      assertThat(longer.refCnt()).isZero();
      muxer.accept(new Sample(1, 1024, 1024, 1024, true, longest));
    }
    assertThat(sizes).hasSize(1);
  }

  @Test
  void aFormatWithTheSameEntryIsNoNewMap() {
    List<Integer> sizes = new ArrayList<>();
    try (TsMuxer muxer =
        new TsMuxer(
            Heap.allocator(),
            packets -> {
              sizes.add(packets.readableBytes());
              packets.release();
            })) {
      for (int i = 0; i < 3; i++) {
        muxer.accept(new Format(1, OpusConfiguration.ofChannels(2).toFormat()));
        ByteBuf sound = Unpooled.wrappedBuffer(new byte[] {(byte) 0xFC, 1});
        muxer.accept(new Sample(1, i * 960, i * 960, 960, true, sound));
      }
    }
    assertThat(sizes).containsExactly(3 * 188, 188, 188);
  }

  @Test
  void tsreportFindsTheClockInOrder(@TempDir Path folder) throws Exception {
    Tool.assumeInstalled("tsreport");
    Files.write(folder.resolve("made.ts"), TestProgram.stream(11, 100));
    Tool.Result report = Tool.run(folder, "tsreport", "-b", "-v", "made.ts");
    assertThat(report.exit()).isZero();
    assertThat(report.errors()).isEmpty();
    assertThat(report.output()).contains("Program 1").doesNotContain("!!!");
    assertThat(report.output().lines().filter(line -> line.contains("DTS") || line.contains("PTS")))
        .isNotEmpty();
  }
}
