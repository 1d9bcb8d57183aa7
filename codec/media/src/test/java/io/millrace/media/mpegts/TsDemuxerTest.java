package io.millrace.media.mpegts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Transport streams written packet by packet. */
final class TsDemuxerTest {
  private static final int MAP_PID = 0x1000;

  private final TsRecorder recorder = new TsRecorder();
  private final ByteBuf out = Unpooled.buffer();
  private final Map<Integer, Integer> counters = new HashMap<>();

  @Test
  void oneByteAtATimeIsAsGood() {
    byte[] bytes = TestProgram.stream(21, 30);
    TsRecorder whole = demux(bytes, bytes.length);
    assertThat(whole.units).hasSizeGreaterThan(60);
    for (int size : new int[] {1, 2, 187, 188, 189, 1_316, 1_317}) {
      TsRecorder pieces = demux(bytes, size);
      assertThat(pieces.units).as("pieces of " + size).isEqualTo(whole.units);
      assertThat(pieces.programs).isEqualTo(whole.programs);
    }
  }

  @Test
  void startsInTheMiddleOfAPacket() {
    byte[] bytes = TestProgram.stream(22, 30);
    TsRecorder whole = demux(bytes, 1_316);
    Random random = new Random(22);
    for (int cut = 1; cut < 188; cut += 1 + random.nextInt(20)) {
      ByteBuf tail = Unpooled.wrappedBuffer(bytes, cut, bytes.length - cut);
      TsRecorder late = TsDemuxerFfmpegTest.demux(ByteBufUtil.getBytes(tail), random);
      // The tables come again before the next key frame at the latest.
      assertThat(whole.units).endsWith(late.units.getLast());
      assertThat(late.units).hasSizeGreaterThan(whole.units.size() / 2);
      assertThat(whole.units).containsAll(late.units);
    }
  }

  @Test
  void bytesBetweenPacketsCostOnePacketEach() {
    byte[] bytes = TestProgram.stream(23, 60);
    ByteBuf in = Unpooled.buffer();
    int packets = bytes.length / 188;
    in.writeBytes(bytes, 0, packets / 2 * 188).writeBytes(new byte[] {1, 2, 3});
    in.writeBytes(bytes, packets / 2 * 188, bytes.length - packets / 2 * 188);
    TsCounters counters = feed(in, TsDemuxer.ANY_PROGRAM);
    assertThat(counters.syncLosses()).isEqualTo(1);
    assertThat(counters.discardedBytes()).isEqualTo(3);
    assertThat(counters.continuityErrors()).isZero();
    assertThat(recorder.losses).isEmpty();
  }

  @Test
  void otherBytesAreRefused() {
    byte[] noise = new byte[200_000];
    new Random(1).nextBytes(noise);
    assertThatThrownBy(() -> feed(Unpooled.wrappedBuffer(noise), TsDemuxer.ANY_PROGRAM))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageStartingWith("not an MPEG transport stream: no sync bytes 188 apart");
  }

  @Test
  void packetsWithoutAProgramAreRefused() {
    ByteBuf in = Unpooled.buffer();
    for (int i = 0; i < (9 << 20) / 188; i++) {
      TsPacket.write(in, TsPacket.Head.of(0x100, false), i, Unpooled.wrappedBuffer(new byte[184]));
    }
    assertThatThrownBy(() -> feed(in, TsDemuxer.ANY_PROGRAM))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageStartingWith("no program in the first");
  }

  @Test
  void theFirstProgramWithVideoIsTaken() {
    association(0, Map.of(1, 0x1001, 2, 0x1002, 3, 0x1003));
    map(0x1001, 1, 0, stream(StreamTypes.AAC_ADTS, 0x201));
    map(0x1003, 3, 0, stream(StreamTypes.H264, 0x203));
    map(0x1002, 2, 0, stream(StreamTypes.H264, 0x202), stream(StreamTypes.AAC_ADTS, 0x212));
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.program().number()).isEqualTo(2);
    assertThat(recorder.notes).containsExactly("program 2 is taken, others are not: [1, 3]");
  }

  @Test
  void aProgramCanBeAskedFor() {
    association(0, Map.of(1, 0x1001, 2, 0x1002));
    map(0x1001, 1, 0, stream(StreamTypes.H264, 0x201));
    map(0x1002, 2, 0, stream(StreamTypes.AAC_ADTS, 0x202));
    feed(out, 2);
    assertThat(recorder.program().streams())
        .extracting(ElementaryStream::pid)
        .containsExactly(0x202);
    assertThatThrownBy(() -> feed(out, 7))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage("program 7 is not in the transport stream, only [1, 2]");
  }

  @Test
  void anAssociationOfSeveralSectionsIsOneTable() {
    ByteBuf table = Unpooled.buffer();
    table.writeByte(0);
    for (int number = 0; number < 3; number++) {
      ByteBuf body = Unpooled.buffer();
      for (int entry = 0; entry < 15; entry++) {
        int program = 1 + 15 * number + entry;
        body.writeShort(program).writeShort(0xE000 | 0x400 + program);
      }
      new Section(0, 1, 0, true, number, 2, body).write(table);
    }
    packets(0, table);
    map(0x400 + 45, 45, 0, stream(StreamTypes.H264, 0x145));
    feed(out, 45);
    assertThat(recorder.program().number()).isEqualTo(45);
    assertThat(recorder.program().otherPrograms()).hasSize(44);
  }

  @Test
  void aMapOverSeveralPacketsIsRead() {
    association(0, Map.of(1, MAP_PID));
    List<ProgramMap.Stream> streams = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      streams.add(stream(i == 0 ? StreamTypes.H264 : StreamTypes.AAC_ADTS, 0x100 + i));
    }
    map(MAP_PID, 1, 0, streams.toArray(ProgramMap.Stream[]::new));
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.program().streams()).hasSize(40);
  }

  @Test
  void sectionsThatAreNotYetInForceAndBrokenOnesAreLeftAlone() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.H264, 0x100));
    ByteBuf next = Unpooled.buffer().writeByte(0);
    ByteBuf body = Unpooled.buffer().writeShort(9).writeShort(0xE900);
    new Section(0, 1, 1, false, 0, 0, body).write(next);
    packets(0, next);
    ByteBuf broken = Unpooled.buffer().writeByte(0);
    new Section(0, 1, 1, true, 0, 0, body).write(broken);
    broken.setByte(broken.writerIndex() - 1, broken.getByte(broken.writerIndex() - 1) ^ 1);
    packets(0, broken);
    TsCounters counters = feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.programs).hasSize(1);
    assertThat(counters.sectionErrors()).isEqualTo(1);
  }

  @Test
  void streamsMoveAndChangeWithTheMap() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.H264, 0x100), stream(StreamTypes.AAC_ADTS, 0x101));
    adts(0x101, 1_000, 100);
    map(MAP_PID, 1, 1, stream(StreamTypes.H264, 0x300), stream(StreamTypes.AAC_ADTS, 0x101));
    adts(0x101, 2_920, 110);
    adts(0x100, 3_000, 100);
    // The program itself moves, and the sound becomes something else.
    association(1, Map.of(1, MAP_PID + 1));
    map(MAP_PID + 1, 1, 2, stream(StreamTypes.H264, 0x300), stream(StreamTypes.MPEG1_AUDIO, 0x101));
    TsCounters counters = feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.programs).hasSize(3);
    assertThat(recorder.of(0x101)).extracting(TsRecorder.Unit::pts).containsExactly(1_000L, 2_920L);
    assertThat(recorder.of(0x100)).isEmpty();
    assertThat(counters.continuityErrors()).isZero();
    assertThat(recorder.program().streams().get(1).kind()).isEqualTo(StreamKind.MPEG_AUDIO);
  }

  @Test
  void aProgramThatGoesIsFollowedByAnother() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.H264, 0x100));
    association(1, Map.of(4, 0x1004));
    map(0x1004, 4, 0, stream(StreamTypes.H264, 0x400));
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.programs).extracting(TsProgram::number).containsExactly(1, 4);
  }

  @Test
  void aMapWithoutStreamsIsWaitedOn() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0);
    map(MAP_PID, 1, 1, stream(StreamTypes.H264, 0x100));
    map(MAP_PID, 1, 2);
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.programs).hasSize(1);
  }

  @Test
  void unsupportedStreamsAreNamedAndEndTheSessionOnlyWhenNothingIsLeft() {
    association(0, Map.of(1, MAP_PID));
    map(
        MAP_PID,
        1,
        0,
        stream(StreamTypes.H264, 0x100),
        stream(0x81, 0x101),
        stream(0x87, 0x102),
        stream(0x06, 0x103, new Descriptor(Descriptor.DVB_AC3, new byte[] {0})),
        stream(0x06, 0x104, new Descriptor(Descriptor.DVB_SUBTITLING, new byte[8])),
        stream(0x06, 0x105, new Descriptor(Descriptor.DVB_TELETEXT, new byte[5])),
        stream(0x06, 0x106));
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.notes)
        .containsExactly(
            "not taken: AC-3 (PID 257)",
            "not taken: E-AC-3 (PID 258)",
            "not taken: AC-3 (PID 259)",
            "ignored: DVB subtitles (PID 260)",
            "ignored: DVB teletext (PID 261)",
            "ignored: private data (PID 262)");
    map(MAP_PID, 1, 1, stream(0x02, 0x100), stream(0x81, 0x101, Descriptor.language("deu")));
    assertThatThrownBy(() -> feed(out, TsDemuxer.ANY_PROGRAM))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage(
            "no stream that can be played in program 1: MPEG-1/2 video (PID 256), AC-3 (PID 257,"
                + " deu)");
  }

  @Test
  void scrambledStreamsAreRefused() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.H264, 0x100), stream(StreamTypes.AAC_ADTS, 0x101));
    int clearSize = out.writerIndex();
    for (int i = 0; i < 70; i++) {
      scrambled(0x100);
    }
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.notes).containsExactly("not taken: H.264, scrambled (PID 256)");
    assertThat(recorder.program().of(StreamKind.Use.VIDEO)).isEmpty();
    for (int i = 0; i < 70; i++) {
      scrambled(0x101);
    }
    assertThat(out.writerIndex()).isGreaterThan(clearSize);
    assertThatThrownBy(() -> feed(out, TsDemuxer.ANY_PROGRAM))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage(
            "no stream that can be played in program 1: H.264, scrambled (PID 256), AAC, scrambled"
                + " (PID 257)");
  }

  private void scrambled(int pid) {
    int at = out.writerIndex();
    packets(pid, Unpooled.wrappedBuffer(new byte[100]));
    out.setByte(at + 3, out.getByte(at + 3) | 0x80);
  }

  @Test
  void aPacketSentTwiceCountsOnce() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.AAC_ADTS, 0x101));
    int at = out.writerIndex();
    adts(0x101, 5_000, 400);
    ByteBuf doubled = Unpooled.buffer().writeBytes(out, 0, at);
    for (; at < out.writerIndex(); at += 188) {
      doubled.writeBytes(out, at, 188).writeBytes(out, at, 188);
    }
    TsCounters counters = feed(doubled, TsDemuxer.ANY_PROGRAM);
    assertThat(counters.duplicates()).isEqualTo(3);
    assertThat(counters.continuityErrors()).isZero();
    assertThat(recorder.of(0x101)).hasSize(1);
  }

  @Test
  void aMarkedDiscontinuityIsNoDamage() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.AAC_ADTS, 0x101));
    adts(0x101, 5_000, 100);
    counters.put(0x101, 9);
    ByteBuf pes = adtsPes(90, 100);
    TsPacket.Head head = new TsPacket.Head(0x101, true, false, true, TsPacket.NO_PCR);
    TsPacket.write(out, head, 9, pes);
    TsCounters counters = feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(counters.continuityErrors()).isZero();
    assertThat(recorder.of(0x101)).extracting(TsRecorder.Unit::pts).containsExactly(5_000L, 90L);
  }

  @Test
  void severalUnitsInAPacketAndUnitsOverPackets() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.H264, 0x100));
    ByteBuf stream = Unpooled.buffer();
    List<byte[]> units = new ArrayList<>();
    Random random = new Random(77);
    for (int i = 0; i < 60; i++) {
      ByteBuf unit = Unpooled.buffer();
      unit.writeInt(1).writeByte(9).writeByte(0xF0);
      unit.writeInt(1).writeByte(i % 10 == 0 ? 0x65 : 0x41).writeByte(0x88);
      for (int size = random.nextInt(900); size > 0; size--) {
        unit.writeByte(1 + random.nextInt(255));
      }
      unit.writeMedium(1).writeByte(0x41).writeByte(0x44).writeByte(0x99);
      units.add(ByteBufUtil.getBytes(unit));
      stream.writeBytes(unit);
    }
    long pts = 0;
    while (stream.isReadable()) {
      int size = Math.min(stream.readableBytes(), 1 + random.nextInt(1_500));
      pes(0x100, PesHeader.FIRST_VIDEO, pts += 3_600, stream.readSlice(size), random.nextBoolean());
    }
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.of(0x100))
        .extracting(TsRecorder.Unit::bytes)
        .containsExactlyElementsOf(units);
    assertThat(recorder.losses).isEmpty();
  }

  @Test
  void soundFramesOverPacketsHaveTheTimeOfTheFirstThatBegins() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.AAC_ADTS, 0x101));
    ByteBuf frames = Unpooled.buffer();
    for (int i = 0; i < 5; i++) {
      frames.writeBytes(adtsFrame(100));
    }
    pes(0x101, PesHeader.FIRST_AUDIO, 1_000, frames.readSlice(250), true);
    pes(0x101, PesHeader.FIRST_AUDIO, 7_000, frames.readSlice(50 + 107), true);
    pes(0x101, PesHeader.FIRST_AUDIO, 9_000, frames, true);
    feed(out, TsDemuxer.ANY_PROGRAM);
    // 107 bytes each: the third begins in the first packet, the fourth in the second one.
    assertThat(recorder.of(0x101))
        .extracting(TsRecorder.Unit::pts)
        .containsExactly(1_000L, TsAccessUnit.NO_TIME, TsAccessUnit.NO_TIME, 7_000L, 9_000L);
  }

  @Test
  void spliceSectionsAndTagsAreCues() {
    association(0, Map.of(1, MAP_PID));
    map(
        MAP_PID,
        1,
        0,
        stream(StreamTypes.H264, 0x100),
        stream(StreamTypes.SCTE35, 0x1F0),
        stream(StreamTypes.METADATA_PES, 0x1F1, StreamTypes.id3Descriptor()));
    byte[] section = SpliceInfoTest.timeSignal(90_000, 0);
    packets(0x1F0, Unpooled.buffer().writeByte(0).writeBytes(section));
    byte[] tag = "ID3 tag".getBytes(StandardCharsets.ISO_8859_1);
    pes(0x1F1, PesHeader.PRIVATE_STREAM_1, 4_000, Unpooled.wrappedBuffer(tag), true);
    feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(recorder.cues).hasSize(2);
    assertThat(recorder.cues.get(0).bytes()).isEqualTo(section);
    assertThat(recorder.cues.get(1).bytes()).isEqualTo(tag);
    assertThat(recorder.cues.get(1).pts()).isEqualTo(4_000);
  }

  @Test
  void aUnitWithoutEndIsDropped() {
    association(0, Map.of(1, MAP_PID));
    map(MAP_PID, 1, 0, stream(StreamTypes.H264, 0x100));
    ByteBuf endless = Unpooled.buffer();
    PesHeader.write(endless, PesHeader.FIRST_VIDEO, 0, 0, 0x20000);
    endless.writeInt(1).writeByte(0x65).writeByte(0x88).writeZero(12 << 20);
    packets(0x100, endless);
    TsCounters counters = feed(out, TsDemuxer.ANY_PROGRAM);
    assertThat(counters.oversizedUnits()).isEqualTo(1);
    assertThat(recorder.units).isEmpty();
  }

  // Writing.

  private void association(int version, Map<Integer, Integer> programs) {
    ByteBuf table = Unpooled.buffer().writeByte(0);
    List<ProgramAssociation.Entry> entries =
        programs.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> new ProgramAssociation.Entry(entry.getKey(), entry.getValue()))
            .toList();
    new ProgramAssociation(1, version, entries).write(table);
    packets(TsPacket.PID_PAT, table);
  }

  private void map(int pid, int program, int version, ProgramMap.Stream... streams) {
    ByteBuf table = Unpooled.buffer().writeByte(0);
    new ProgramMap(program, version, 0x100, List.of(), List.of(streams)).write(table);
    packets(pid, table);
  }

  private static ProgramMap.Stream stream(int type, int pid, Descriptor... descriptors) {
    return new ProgramMap.Stream(type, pid, List.of(descriptors));
  }

  private static ByteBuf adtsFrame(int payloadBytes) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(0xFFF150).writeByte(0x80 | (7 + payloadBytes) >> 11);
    frame.writeByte((7 + payloadBytes) >> 3 & 0xFF);
    frame.writeByte((7 + payloadBytes & 7) << 5 | 0x1F).writeByte(0xFC);
    return frame.writeZero(payloadBytes);
  }

  private static ByteBuf adtsPes(long pts, int payloadBytes) {
    ByteBuf pes = Unpooled.buffer();
    PesHeader.write(pes, PesHeader.FIRST_AUDIO, pts, pts, 7 + payloadBytes);
    return pes.writeBytes(adtsFrame(payloadBytes));
  }

  private void adts(int pid, long pts, int payloadBytes) {
    packets(pid, adtsPes(pts, payloadBytes));
  }

  private void pes(int pid, int streamId, long pts, ByteBuf payload, boolean bounded) {
    ByteBuf pes = Unpooled.buffer();
    PesHeader.write(pes, streamId, pts, pts, bounded ? payload.readableBytes() : 0x10000);
    packets(pid, pes.writeBytes(payload));
  }

  private void packets(int pid, ByteBuf payload) {
    boolean first = true;
    while (payload.isReadable()) {
      int counter = counters.merge(pid, 1, Integer::sum);
      TsPacket.write(out, TsPacket.Head.of(pid, first), counter, payload);
      first = false;
    }
  }

  private TsCounters feed(ByteBuf bytes, int program) {
    recorder.programs.clear();
    recorder.notes.clear();
    try (TsDemuxer demuxer = new TsDemuxer(program, Heap.allocator(), recorder)) {
      // Null packets let a stream of few packets be recognised.
      ByteBuf padded = Unpooled.buffer().writeBytes(bytes, 0, bytes.writerIndex());
      for (int i = 0; i < 3; i++) {
        ByteBuf stuffing = Unpooled.wrappedBuffer(new byte[184]);
        TsPacket.write(padded, TsPacket.Head.of(TsPacket.PID_NULL, false), 0, stuffing);
      }
      demuxer.accept(padded);
      demuxer.flush();
      return demuxer.counters();
    }
  }

  private static TsRecorder demux(byte[] bytes, int pieceBytes) {
    TsRecorder recorder = new TsRecorder();
    try (TsDemuxer demuxer = new TsDemuxer(TsDemuxer.ANY_PROGRAM, Heap.allocator(), recorder)) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes);
      while (in.isReadable()) {
        demuxer.accept(in.readSlice(Math.min(in.readableBytes(), pieceBytes)));
      }
      demuxer.flush();
    }
    return recorder;
  }
}
