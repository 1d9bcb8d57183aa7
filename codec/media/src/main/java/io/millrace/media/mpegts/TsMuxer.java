package io.millrace.media.mpegts;

import io.millrace.media.LanguageTag;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Makes a transport stream of one program (ISO/IEC 13818-1) out of a stream's events: for push
 * targets, load generators and tests.
 *
 * <p>Each sample becomes one PES packet, and goes out as one buffer of whole packets together with
 * the tables and the clock that are due before it: the association and the map every 100 ms and
 * before each key frame, the program clock reference at least every 40 ms on the main picture, or
 * on the main sound where there is none. The clock runs at decoding time; presentation times are
 * {@link #DELAY_TICKS} ahead of it, which is the time that a receiver has for its buffers.
 *
 * <p>Formats of all tracks are best sent before the first sample: a track that joins later, or
 * changes, is one more version of the map. Not thread-safe.
 */
public final class TsMuxer implements TrackSink, AutoCloseable {
  /** 700 ms of 90 kHz between the clock and the times of what is sent beside it. */
  public static final long DELAY_TICKS = 63_000;

  private static final Timescale WIRE = new Timescale(TsAccessUnit.TICKS_PER_SECOND);
  private static final int PCR_PER_TICK = 300;
  private static final long PCR_MODULUS = (1L << PesHeader.TIME_BITS) * PCR_PER_TICK;

  /** 40 ms, as DVB wants it (ETSI TS 101 154 §4.1.2). */
  private static final long PCR_INTERVAL_TICKS = 3_600;

  /** A silence longer than a second is left silent. */
  private static final long MAXIMUM_PCR_FILL_TICKS = 90_000;

  private static final long TABLES_INTERVAL_TICKS = 9_000;
  private static final int PROGRAM = 1;
  private static final int MAP_PID = 0x1000;
  private static final int FIRST_TRACK_PID = 0x100;
  private static final int SPLICE_PID = 0x1F0;
  private static final int ID3_PID = 0x1F1;
  private static final int MAXIMUM_TRACKS = 32;
  private static final int MAXIMUM_PES_HEADER_BYTES = 19;

  private static final class Track {
    final int pid;
    UnitWriter writer;
    Timescale timescale;
    List<Descriptor> descriptors;

    Track(int pid, UnitWriter writer, TrackFormat format) {
      this.pid = pid;
      this.writer = writer;
      this.timescale = format.timescale();
      this.descriptors = descriptors(writer, format);
    }

    static List<Descriptor> descriptors(UnitWriter writer, TrackFormat format) {
      String tag = format instanceof TrackFormat.Audio audio ? audio.language() : null;
      String code = LanguageTag.toIso639(tag);
      if (code == null) {
        return writer.descriptors();
      }
      List<Descriptor> all = new ArrayList<>(writer.descriptors());
      all.add(Descriptor.language(code));
      return all;
    }
  }

  private final ByteBufAllocator allocator;
  private final Consumer<ByteBuf> output;

  /** By track number, so that the main tracks come first in the map. */
  private final Map<Integer, Track> tracks = new TreeMap<>();

  private final Map<Integer, Integer> counters = new HashMap<>();
  private final ByteBuf pes = Unpooled.buffer(64 << 10);
  private final ByteBuf tables = Unpooled.buffer(Section.MAXIMUM_SIZE_BYTES);
  private boolean splices;
  private boolean tags;
  private int mapVersion;
  private boolean started;
  private boolean tablesDue;
  private long tablesTicks;
  private boolean clockStarted;
  private long pcrTicks;
  private boolean clockBreaks;

  /**
   * @param output takes buffers of whole packets, which it owns and releases
   */
  public TsMuxer(ByteBufAllocator allocator, Consumer<ByteBuf> output) {
    this.allocator = allocator;
    this.output = output;
  }

  /**
   * {@inheritDoc}
   *
   * @throws MediaFormatException unsupported, for a format that MPEG-TS has no place for;
   *     malformed, for a sample that is none of its format. The event is left out, and the next is
   *     welcome
   */
  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Format format -> format(format);
      case Sample sample -> {
        try {
          sample(sample);
        } finally {
          sample.release();
        }
      }
      case Cue cue -> cue(cue);
      case Discontinuity _ -> clockBreaks = true;
      case Boundary _, End _ -> {}
    }
  }

  private void format(Format format) {
    UnitWriter writer = UnitWriter.of(format.format());
    Track known = tracks.get(format.track());
    if (known == null) {
      if (tracks.size() == MAXIMUM_TRACKS) {
        throw MediaFormatException.unsupported("more than " + MAXIMUM_TRACKS + " tracks");
      }
      int pid = FIRST_TRACK_PID + format.track();
      tracks.put(format.track(), new Track(pid, writer, format.format()));
      mapChanged();
    } else {
      boolean sameEntry =
          known.writer.streamType() == writer.streamType()
              && known.descriptors.equals(Track.descriptors(writer, format.format()));
      known.writer = writer;
      known.descriptors = Track.descriptors(writer, format.format());
      known.timescale = format.format().timescale();
      if (!sameEntry) {
        mapChanged();
      }
    }
  }

  private void mapChanged() {
    mapVersion = started ? mapVersion + 1 & 0x1F : mapVersion;
    tablesDue = true;
  }

  private void sample(Sample sample) {
    Track track = tracks.get(sample.track());
    if (track == null) {
      throw new IllegalStateException("sample of track " + sample.track() + " before its format");
    }
    long dts = track.timescale.rescale(sample.dtsTicks(), WIRE);
    long pts = track.timescale.rescale(sample.ptsTicks(), WIRE) + DELAY_TICKS;
    boolean clock = track.pid == clockPid();
    pes.clear().writerIndex(MAXIMUM_PES_HEADER_BYTES);
    track.writer.write(sample, pes);
    int streamId = track.writer.streamId(TrackEvent.trackIndex(sample.track()));
    prependPesHeader(streamId, pts, dts + DELAY_TICKS);
    ByteBuf out = allocator.buffer(bufferSizeBytes());
    boolean key = TrackEvent.isVideo(sample.track()) && sample.key();
    tables(out, dts, key);
    if (clock) {
      clockUpTo(out, track.pid, dts);
    }
    TsPacket.Head head =
        new TsPacket.Head(
            track.pid,
            true,
            sample.key(),
            clock && clockBreaks,
            clock ? pcr(dts) : TsPacket.NO_PCR);
    clockBreaks &= !clock;
    packets(out, head, pes);
    output.accept(out);
  }

  private int bufferSizeBytes() {
    int packets = pes.readableBytes() / TsPacket.MAXIMUM_PAYLOAD_BYTES + 8;
    return packets * TsPacket.SIZE_BYTES;
  }

  /** Puts the header into the room that was left before the payload. */
  private void prependPesHeader(int streamId, long pts, long dts) {
    int payloadBytes = pes.writerIndex() - MAXIMUM_PES_HEADER_BYTES;
    ByteBuf header = Unpooled.buffer(MAXIMUM_PES_HEADER_BYTES);
    PesHeader.write(header, streamId, pts, dts, payloadBytes);
    int start = MAXIMUM_PES_HEADER_BYTES - header.readableBytes();
    pes.setBytes(start, header, header.readableBytes());
    pes.readerIndex(start);
  }

  private int clockPid() {
    Track main = tracks.get(TrackEvent.VIDEO_TRACK);
    return main != null ? main.pid : tracks.values().iterator().next().pid;
  }

  private void tables(ByteBuf out, long nowTicks, boolean key) {
    boolean elapsed = Math.abs(nowTicks - tablesTicks) >= TABLES_INTERVAL_TICKS;
    if (started && !key && !tablesDue && !elapsed) {
      return;
    }
    started = true;
    tablesDue = false;
    tablesTicks = nowTicks;
    ProgramAssociation association =
        new ProgramAssociation(1, 0, List.of(new ProgramAssociation.Entry(PROGRAM, MAP_PID)));
    tables.clear().writeByte(0);
    association.write(tables);
    packets(out, TsPacket.Head.of(TsPacket.PID_PAT, true), tables);
    tables.clear().writeByte(0);
    map().write(tables);
    packets(out, TsPacket.Head.of(MAP_PID, true), tables);
  }

  private ProgramMap map() {
    List<ProgramMap.Stream> streams = new ArrayList<>();
    tracks.forEach(
        (_, track) ->
            streams.add(
                new ProgramMap.Stream(track.writer.streamType(), track.pid, track.descriptors)));
    List<Descriptor> descriptors = new ArrayList<>();
    if (splices) {
      descriptors.add(Descriptor.registration(StreamTypes.CUE_REGISTRATION));
      streams.add(new ProgramMap.Stream(StreamTypes.SCTE35, SPLICE_PID, List.of()));
    }
    if (tags) {
      streams.add(
          new ProgramMap.Stream(
              StreamTypes.METADATA_PES, ID3_PID, List.of(StreamTypes.id3Descriptor())));
    }
    return new ProgramMap(PROGRAM, mapVersion, clockPid(), descriptors, streams);
  }

  /** Clock references of their own for the time since the last one. */
  private void clockUpTo(ByteBuf out, int pid, long dts) {
    long since = dts - pcrTicks;
    if (clockStarted && since > PCR_INTERVAL_TICKS && since <= MAXIMUM_PCR_FILL_TICKS) {
      for (long at = pcrTicks + PCR_INTERVAL_TICKS; at < dts; at += PCR_INTERVAL_TICKS) {
        TsPacket.Head head = new TsPacket.Head(pid, false, false, false, pcr(at));
        // Without a payload the counter stays (§2.4.3.3).
        TsPacket.write(out, head, counters.getOrDefault(pid, 0) - 1, Unpooled.EMPTY_BUFFER);
      }
    }
    clockStarted = true;
    pcrTicks = dts;
  }

  private static long pcr(long dts) {
    return Math.floorMod(Math.multiplyExact(dts, PCR_PER_TICK), PCR_MODULUS);
  }

  private void packets(ByteBuf out, TsPacket.Head head, ByteBuf payload) {
    TsPacket.Head next = head;
    int counter = counters.getOrDefault(head.pid(), 0);
    while (payload.isReadable()) {
      TsPacket.write(out, next, counter++, payload);
      next = TsPacket.Head.of(head.pid(), false);
    }
    counters.put(head.pid(), counter & 0xF);
  }

  private void cue(Cue cue) {
    long ticks = Timescale.VIDEO.rescale(cue.ptsTicks(), WIRE) + DELAY_TICKS;
    if (tracks.isEmpty()) {
      return;
    }
    switch (cue.scheme()) {
      case CueSchemes.SCTE35 -> splice(cue.message(), ticks);
      case CueSchemes.ID3 -> tag(cue.message(), ticks);
      default -> {} // a scheme that MPEG-TS has no place for
    }
  }

  /** Moves the message's own times to this stream's clock. */
  private void splice(byte[] message, long ticks) {
    SpliceInfo info = SpliceInfo.parse(Unpooled.wrappedBuffer(message));
    long adjustment =
        info.spliceTime() == TsAccessUnit.NO_TIME
            ? info.ptsAdjustment()
            : ticks - info.spliceTime() & PesHeader.TIME_MASK;
    if (!splices) {
      splices = true;
      mapChanged();
    }
    pes.clear().writeByte(0).writeBytes(SpliceInfo.adjusted(message, adjustment));
    send(TsPacket.Head.of(SPLICE_PID, true), ticks);
  }

  private void tag(byte[] message, long ticks) {
    if (!tags) {
      tags = true;
      mapChanged();
    }
    pes.clear().writerIndex(MAXIMUM_PES_HEADER_BYTES).writeBytes(message);
    prependPesHeader(PesHeader.PRIVATE_STREAM_1, ticks, ticks);
    send(TsPacket.Head.of(ID3_PID, true), ticks);
  }

  private void send(TsPacket.Head head, long ticks) {
    ByteBuf out = allocator.buffer(bufferSizeBytes());
    tables(out, ticks - DELAY_TICKS, false);
    packets(out, head, pes);
    output.accept(out);
  }

  /** Nothing is held that needs releasing; the muxer must not be used again. */
  @Override
  public void close() {
    tracks.clear();
  }
}
