package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.millrace.media.mpegts.StreamKind.Use;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes a transport stream (ISO/IEC 13818-1) apart: bytes in, access units and cues of one program
 * out.
 *
 * <p>Bytes come in pieces of any length. Damage in transit is not an error: lost, doubled,
 * reordered and broken packets are counted, and the access units that they hit are dropped, so that
 * every unit that comes out is whole. What is not a transport stream, or has nothing that can be
 * played, is a {@link MediaFormatException}, after which the demultiplexer must not be used but
 * {@link #close closed}.
 *
 * <p>Memory is bounded: by {@link #MAXIMUM_HELD_BYTES} for unfinished units of all streams
 * together, by the limits of tables, and by nothing else that a sender controls.
 *
 * <p>Not thread-safe; it belongs to the thread of its session.
 */
public final class TsDemuxer implements AutoCloseable {
  /** For {@code program}: the first one with video. */
  public static final int ANY_PROGRAM = ProgramSelector.ANY_PROGRAM;

  private static final int MAXIMUM_HELD_BYTES = 24 << 20;
  private static final int MAXIMUM_VIDEO_UNIT_BYTES = 8 << 20;
  private static final int MAXIMUM_OTHER_UNIT_BYTES = 256 << 10;
  private static final int MAXIMUM_NOTES = 32;

  /** Bytes within which a program must have been found. */
  private static final long MAXIMUM_BYTES_BEFORE_PROGRAM = 8L << 20;

  private final TsListener listener;
  private final ByteBufAllocator allocator;
  private final Tally tally = new Tally();
  private final TsPacket packet = new TsPacket();
  private final PacketSync sync;
  private final ProgramSelector selector;
  private final Map<Integer, Reader> readers = new HashMap<>();

  /** Readers of streams that have gone, until no packet is being handled. */
  private final List<Reader> retired = new ArrayList<>();

  private final Set<String> notes = new HashSet<>();
  private final Map<Integer, ElementaryStream> refused = new HashMap<>();
  private @Nullable TsProgram announced;
  private int heldBytes;

  /**
   * @param program program_number to take, or {@link #ANY_PROGRAM}
   */
  public TsDemuxer(int program, ByteBufAllocator allocator, TsListener listener) {
    this.listener = listener;
    this.allocator = allocator;
    this.sync = new PacketSync(tally, this::packet);
    this.selector = new ProgramSelector(program, tally, this::program);
  }

  /**
   * Takes the next bytes; borrows the buffer and leaves its indices alone.
   *
   * @throws MediaFormatException if this is no transport stream, or nothing in it can be played
   */
  public void accept(ByteBuf bytes) {
    sync.accept(bytes);
    if (selector.chosen() == null
        && tally.packets * TsPacket.SIZE_BYTES > MAXIMUM_BYTES_BEFORE_PROGRAM) {
      throw MediaFormatException.malformed(
          "no program in the first "
              + MAXIMUM_BYTES_BEFORE_PROGRAM
              + " bytes of the transport stream");
    }
  }

  /** The stream is over: passes on what an unbounded PES packet at its end holds. */
  public void flush() {
    for (Reader reader : List.copyOf(readers.values())) {
      reader.flush();
    }
    closeRetired();
  }

  /** The counters so far. */
  public TsCounters counters() {
    return tally.snapshot();
  }

  /**
   * Gives a stream up, for a reason that only its content shows: its units end here, and the
   * program is announced again with the stream as {@link StreamKind#UNSUPPORTED}. May be called by
   * the listener.
   *
   * @throws MediaFormatException unsupported, if nothing that can be played is left
   */
  public void refuse(ElementaryStream stream, String reason) {
    TsProgram program = announced;
    if (program == null || refused.containsKey(stream.pid())) {
      return;
    }
    refused.put(
        stream.pid(),
        new ElementaryStream(
            stream.pid(),
            stream.streamType(),
            StreamKind.UNSUPPORTED,
            reason,
            stream.language(),
            0));
    program(new TsProgram(program.number(), program.streams(), program.otherPrograms()));
  }

  /** Releases what is held; nothing more is passed on. */
  @Override
  public void close() {
    readers.values().forEach(Reader::close);
    readers.clear();
    closeRetired();
  }

  private void packet(ByteBuf in, int index) {
    tally.packets++;
    if (!packet.read(in, index) || packet.error()) {
      tally.transportErrors++;
      return;
    }
    if (packet.pid() == TsPacket.PID_NULL) {
      return;
    }
    Reader reader = readers.get(packet.pid());
    if (reader != null) {
      reader.accept(packet);
    } else {
      selector.accept(packet);
    }
    if (!retired.isEmpty()) {
      closeRetired();
    }
  }

  private void closeRetired() {
    retired.forEach(Reader::close);
    retired.clear();
  }

  private void program(TsProgram described) {
    List<ElementaryStream> streams = new ArrayList<>();
    for (ElementaryStream stream : described.streams()) {
      ElementaryStream gone = refused.get(stream.pid());
      boolean same = gone != null && gone.streamType() == stream.streamType();
      streams.add(same && gone != null ? gone : stream);
    }
    TsProgram program =
        new TsProgram(described.number(), List.copyOf(streams), described.otherPrograms());
    if (!program.playable()) {
      throw MediaFormatException.unsupported(
          "no stream that can be played in program "
              + program.number()
              + ": "
              + String.join(", ", streams.stream().map(ElementaryStream::toString).toList()));
    }
    Map<Integer, Reader> before = new LinkedHashMap<>(readers);
    readers.clear();
    for (ElementaryStream stream : streams) {
      Reader kept = before.get(stream.pid());
      if (kept != null && kept.stream().equals(stream)) {
        readers.put(stream.pid(), before.remove(stream.pid()));
      } else if (stream.kind().use() != Use.NONE) {
        readers.put(stream.pid(), reader(stream));
      }
    }
    retired.addAll(before.values());
    announced = program;
    listener.onProgram(program);
    remark(program);
  }

  private void remark(TsProgram program) {
    if (!program.otherPrograms().isEmpty()) {
      note("program " + program.number() + " is taken, others are not: " + program.otherPrograms());
    }
    for (ElementaryStream stream : program.streams()) {
      switch (stream.kind()) {
        case UNSUPPORTED -> note("not taken: " + stream);
        case OTHER -> note("ignored: " + stream);
        case H264, HEVC, AAC_ADTS, AAC_LATM, MPEG_AUDIO, OPUS, SCTE35, TIMED_ID3 -> {}
      }
    }
  }

  private void note(String text) {
    if (notes.size() < MAXIMUM_NOTES && notes.add(text)) {
      listener.onNote(text);
    }
  }

  /** What takes the packets of one PID. */
  private interface Reader {
    ElementaryStream stream();

    void accept(TsPacket packet);

    void flush();

    void close();
  }

  private Reader reader(ElementaryStream stream) {
    Framer.Sink units = unit -> listener.onAccessUnit(stream, unit);
    return switch (stream.kind()) {
      case H264 -> new UnitReader(stream, video(NalSyntax.H264, units));
      case HEVC -> new UnitReader(stream, video(NalSyntax.HEVC, units));
      case AAC_ADTS -> new UnitReader(stream, audio(FrameSyntax.ADTS, units));
      case AAC_LATM -> new UnitReader(stream, audio(FrameSyntax.LOAS, units));
      case MPEG_AUDIO -> new UnitReader(stream, audio(FrameSyntax.MPEG_AUDIO, units));
      case OPUS -> new UnitReader(stream, new OpusFramer(units, tally));
      case TIMED_ID3 -> new UnitReader(stream, new WholePackets(stream));
      case SCTE35 -> new SectionReader(stream);
      case UNSUPPORTED, OTHER -> throw new IllegalStateException("no reader for " + stream);
    };
  }

  private Framer video(NalSyntax syntax, Framer.Sink units) {
    return new VideoFramer(syntax, allocator, MAXIMUM_VIDEO_UNIT_BYTES, units, tally);
  }

  private Framer audio(FrameSyntax syntax, Framer.Sink units) {
    return new AudioFramer(syntax, allocator, units, tally);
  }

  private final class UnitReader implements Reader, PesReader.Events {
    private final ElementaryStream stream;
    private final PesReader pes;
    private int countedBytes;

    UnitReader(ElementaryStream stream, Framer framer) {
      this.stream = stream;
      int maximumBytes =
          stream.kind().use() == Use.VIDEO ? MAXIMUM_VIDEO_UNIT_BYTES : MAXIMUM_OTHER_UNIT_BYTES;
      this.pes = new PesReader(allocator, maximumBytes, framer, this, tally);
    }

    @Override
    public ElementaryStream stream() {
      return stream;
    }

    @Override
    public void accept(TsPacket packet) {
      pes.accept(packet);
      count(pes.heldBytes());
    }

    private void count(int sizeBytes) {
      heldBytes += sizeBytes - countedBytes;
      countedBytes = sizeBytes;
    }

    @Override
    public void flush() {
      pes.flush();
    }

    @Override
    public void close() {
      pes.close();
      count(0);
    }

    @Override
    public void lost(boolean randomAccess) {
      listener.onLoss(stream, randomAccess);
    }

    @Override
    public void scrambled() {
      refuse(stream, stream.name() + ", scrambled");
    }

    @Override
    public boolean mayHold(int sizeBytes) {
      return heldBytes + sizeBytes <= MAXIMUM_HELD_BYTES;
    }
  }

  /** Timed metadata: a PES packet is a message. */
  private final class WholePackets implements Framer {
    private final ElementaryStream stream;

    WholePackets(ElementaryStream stream) {
      this.stream = stream;
    }

    @Override
    public void packet(PesHeader header, boolean randomAccess, ByteBuf payload) {
      listener.onCue(stream, header.pts(), payload);
    }

    @Override
    public void gap() {}
  }

  private final class SectionReader implements Reader {
    private static final int SPLICE_INFO_TABLE_ID = 0xFC;

    private final ElementaryStream stream;
    private final SectionAssembler assembler;

    SectionReader(ElementaryStream stream) {
      this.stream = stream;
      this.assembler =
          new SectionAssembler(
              tally,
              section -> {
                if (section.getUnsignedByte(section.readerIndex()) == SPLICE_INFO_TABLE_ID) {
                  listener.onCue(stream, TsAccessUnit.NO_TIME, section);
                }
              });
    }

    @Override
    public ElementaryStream stream() {
      return stream;
    }

    @Override
    public void accept(TsPacket packet) {
      assembler.accept(packet);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
