package io.millrace.server.ingest;

import io.millrace.media.LanguageTag;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.mpegts.ElementaryStream;
import io.millrace.media.mpegts.TsAccessUnit;
import io.millrace.media.timeline.Timeline;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A sound track of a transport stream. Frames that share a PES packet have one time between them:
 * those behind the first follow it by their count of samples.
 */
final class TsAudioTrack extends TsTrack implements AudioUnitSyntax.Sink {
  private final int track;
  private final Timeline timeline;
  private final TrackSink sink;
  private @Nullable AudioUnitSyntax syntax;
  private TrackFormat.@Nullable Audio format;
  private boolean timed;
  private long basePts;
  private long samplesSinceBase;

  TsAudioTrack(int track, Timeline timeline, TrackSink sink) {
    this.track = track;
    this.timeline = timeline;
    this.sink = sink;
  }

  @Override
  void begin(ElementaryStream next) {
    syntax = AudioUnitSyntax.of(next);
    timed = false;
  }

  @Override
  boolean known() {
    return format != null;
  }

  @Override
  void lost(boolean randomAccess) {
    timed = false;
  }

  @Override
  void read(TsAccessUnit unit) {
    if (unit.hasTime()) {
      basePts = unit.pts();
      samplesSinceBase = 0;
      timed = true;
    }
    AudioUnitSyntax read = syntax;
    if (read == null || !timed) {
      drop();
      return;
    }
    read.read(unit.payload(), ByteBufAllocator.DEFAULT, this);
  }

  @Override
  public void block(TrackFormat.Audio coded, int samples, ByteBuf payload) {
    ElementaryStream described = stream();
    String code = described == null ? null : described.language();
    TrackFormat.Audio found = code == null ? coded : coded.withLanguage(LanguageTag.ofIso639(code));
    if (!found.equals(format)) {
      format = found;
      sink.accept(new Format(track, found));
    }
    long pts =
        basePts
            + Timescale.scale(samplesSinceBase, TsAccessUnit.TICKS_PER_SECOND, found.sampleRate());
    samplesSinceBase += samples;
    long ticks = timeline.audio(track, pts, found.sampleRate(), samples);
    placed(pts, found.timescale().rescale(ticks, Timescale.VIDEO));
    sink.accept(new Sample(track, ticks, ticks, samples, true, payload));
  }
}
