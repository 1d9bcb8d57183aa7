package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackSink;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.mpegts.ElementaryStream;
import io.millrace.media.mpegts.SpliceInfo;
import io.millrace.media.mpegts.StreamKind;
import io.millrace.media.mpegts.StreamKind.Use;
import io.millrace.media.mpegts.TsAccessUnit;
import io.millrace.media.mpegts.TsCounters;
import io.millrace.media.mpegts.TsDemuxer;
import io.millrace.media.mpegts.TsListener;
import io.millrace.media.mpegts.TsProgram;
import io.millrace.media.timeline.Timeline;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The transport stream of one publishing session into track events on the stream's clock.
 *
 * <p>The video and audio streams of the chosen program become tracks in the order of the program
 * map: the first of each kind is the main one. A configuration that came in band becomes a format
 * when it differs from the last one; an access unit becomes a sample. What was damaged in transit
 * is a gap in time. SCTE-35 sections and ID3 tags become cues. Streams that are not taken are told
 * in a note; a session is ended by a {@link MediaFormatException} only when nothing that can be
 * played is left.
 *
 * <p>One instance a session, on the stream's event loop.
 */
final class TsIngest implements TsListener, AutoCloseable {
  /** Of each kind. */
  static final int MAX_TRACKS = 8;

  private static final Timescale WIRE = new Timescale(TsAccessUnit.TICKS_PER_SECOND);

  /** Bigger than any cue; a section has at most 4 KiB. */
  private static final int MAX_CUE_BYTES = 16 << 10;

  private final Timeline timeline;
  private final TrackSink sink;
  private final Consumer<String> notes;
  private final TsDemuxer demuxer;
  private final TsVideoTrack[] videos = new TsVideoTrack[MAX_TRACKS];
  private final TsAudioTrack[] audios = new TsAudioTrack[MAX_TRACKS];

  /** By PID. */
  private Map<Integer, TsTrack> tracks = Map.of();

  /**
   * @param originTicks where the first sample belongs, in video ticks since the stream's epoch
   * @param program program_number to take, or {@link TsDemuxer#ANY_PROGRAM}
   * @param sink takes the events
   * @param notes takes what the publisher should know: streams that are not taken, and why
   */
  TsIngest(long originTicks, int program, TrackSink sink, Consumer<String> notes) {
    this.timeline = new Timeline(WIRE, TsAccessUnit.TIME_BITS, originTicks);
    this.sink = sink;
    this.notes = notes;
    this.demuxer = new TsDemuxer(program, ByteBufAllocator.DEFAULT, this);
    for (int i = 0; i < MAX_TRACKS; i++) {
      videos[i] = new TsVideoTrack(TrackEvent.videoTrack(i), timeline, sink, notes);
      audios[i] = new TsAudioTrack(TrackEvent.audioTrack(i), timeline, sink);
    }
  }

  /**
   * Takes the next bytes, any number of them; borrows the buffer.
   *
   * @throws MediaFormatException if this is no transport stream, or nothing in it can be played
   */
  void accept(ByteBuf bytes) {
    demuxer.accept(bytes);
  }

  /** The publisher is gone: passes on the access unit that only the next one would have ended. */
  void end() {
    demuxer.flush();
  }

  Timeline timeline() {
    return timeline;
  }

  TsCounters counters() {
    return demuxer.counters();
  }

  /** Access units that came whole and were not passed on: broken inside, or not decodable alone. */
  long droppedUnits() {
    long dropped = 0;
    for (int i = 0; i < MAX_TRACKS; i++) {
      dropped += videos[i].droppedUnits() + audios[i].droppedUnits();
    }
    return dropped;
  }

  /** Releases what is held. */
  @Override
  public void close() {
    demuxer.close();
  }

  @Override
  public void onProgram(TsProgram program) {
    Map<Integer, TsTrack> assigned = new HashMap<>();
    assign(program.of(Use.VIDEO), videos, assigned);
    assign(program.of(Use.AUDIO), audios, assigned);
    tracks = assigned;
  }

  private void assign(
      List<ElementaryStream> streams, TsTrack[] ofItsKind, Map<Integer, TsTrack> assigned) {
    for (int i = 0; i < MAX_TRACKS; i++) {
      if (i < streams.size()) {
        ofItsKind[i].assign(streams.get(i));
        assigned.put(streams.get(i).pid(), ofItsKind[i]);
      } else {
        ofItsKind[i].unassign();
      }
    }
    if (streams.size() > MAX_TRACKS) {
      notes.accept(
          "only the first %d of %d streams of a kind are taken"
              .formatted(MAX_TRACKS, streams.size()));
    }
  }

  @Override
  public void onAccessUnit(ElementaryStream stream, TsAccessUnit unit) {
    TsTrack track = tracks.get(stream.pid());
    if (track != null) {
      String refusal = track.accept(unit);
      if (refusal != null) {
        demuxer.refuse(stream, refusal);
      }
    }
  }

  @Override
  public void onLoss(ElementaryStream stream, boolean randomAccess) {
    TsTrack track = tracks.get(stream.pid());
    if (track != null) {
      track.lost(randomAccess);
    }
  }

  @Override
  public void onCue(ElementaryStream stream, long pts, ByteBuf message) {
    if (message.readableBytes() > MAX_CUE_BYTES) {
      return;
    }
    boolean splice = stream.kind() == StreamKind.SCTE35;
    long time = pts;
    if (splice) {
      SpliceInfo info;
      try {
        info = SpliceInfo.parse(message);
      } catch (MediaFormatException _) {
        return; // the counters of the stream show that sections come; this one says nothing
      }
      if (info.command() == SpliceInfo.SPLICE_NULL && !info.encrypted()) {
        return;
      }
      time = info.pts();
    }
    TsTrack clock = clock();
    if (clock != null) {
      String scheme = splice ? CueSchemes.SCTE35 : CueSchemes.ID3;
      sink.accept(new Cue(clock.ticksAt(time), scheme, ByteBufUtil.getBytes(message)));
    }
  }

  /** The track that cues are timed by; null before the first sample of either main track. */
  private @Nullable TsTrack clock() {
    if (videos[0].placed()) {
      return videos[0];
    }
    return audios[0].placed() ? audios[0] : null;
  }

  @Override
  public void onNote(String note) {
    notes.accept(note);
  }
}
