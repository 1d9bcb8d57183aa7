package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import io.millrace.media.mpegts.ElementaryStream;
import io.millrace.media.mpegts.TsAccessUnit;
import io.millrace.media.mpegts.TsCounters;
import io.millrace.media.mpegts.TsDemuxer;
import io.millrace.media.mpegts.TsListener;
import io.millrace.media.mpegts.TsMuxer;
import io.millrace.media.mpegts.TsProgram;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HashSet;
import java.util.Set;

/**
 * Sends what an ingest made on as a transport stream, as a push target would, and takes that apart
 * again: whatever the first sender did, the second stream is a clean one.
 */
final class Onward implements TrackSink, TsListener, AutoCloseable {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private final TsDemuxer demuxer = new TsDemuxer(TsDemuxer.ANY_PROGRAM, allocator, this);
  private final TsMuxer muxer = new TsMuxer(allocator, this::packets);
  private final Set<Integer> tracks = new HashSet<>();

  /** Takes the event. */
  @Override
  public void accept(TrackEvent event) {
    boolean passes =
        switch (event) {
          case Format format -> passes(format);
          case Sample sample -> tracks.contains(sample.track());
          case Cue _ -> !tracks.isEmpty();
          case TrackEvent.Boundary _, TrackEvent.Discontinuity _, TrackEvent.End _ -> true;
        };
    if (!passes) {
      event.release();
    } else if (!(event instanceof Format)) {
      muxer.accept(event);
    }
  }

  /** Not every format has a place in MPEG-TS. */
  private boolean passes(Format format) {
    try {
      muxer.accept(format);
      tracks.add(format.track());
      return true;
    } catch (MediaFormatException e) {
      assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.UNSUPPORTED);
      tracks.remove(format.track());
      return false;
    }
  }

  private void packets(ByteBuf packets) {
    try {
      demuxer.accept(packets);
    } catch (MediaFormatException e) {
      throw new AssertionError("not taken again", e);
    } finally {
      packets.release();
    }
  }

  @Override
  public void onProgram(TsProgram program) {
    assertThat(program.otherPrograms()).isEmpty();
  }

  @Override
  public void onAccessUnit(ElementaryStream stream, TsAccessUnit unit) {
    assertThat(unit.payload().isReadable()).isTrue();
  }

  @Override
  public void onCue(ElementaryStream stream, long pts, ByteBuf message) {}

  @Override
  public void onLoss(ElementaryStream stream, boolean randomAccess) {
    throw new AssertionError("loss in " + stream);
  }

  @Override
  public void onNote(String note) {}

  @Override
  public void close() {
    demuxer.flush();
    TsCounters counters = demuxer.counters();
    assertThat(counters.discardedBytes()).isZero();
    assertThat(counters.transportErrors()).isZero();
    assertThat(counters.continuityErrors()).isZero();
    assertThat(counters.sectionErrors()).isZero();
    assertThat(counters.scrambledPackets()).isZero();
    demuxer.close();
    muxer.close();
    assertThat(allocator.metric().usedHeapMemory()).as("heap left").isZero();
  }
}
