package io.millrace.server.ingest;

import io.millrace.media.Hdr;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.mpegts.ElementaryStream;
import io.millrace.media.mpegts.StreamKind;
import io.millrace.media.mpegts.TsAccessUnit;
import io.millrace.media.nal.DisplaySei;
import io.millrace.media.timeline.Timeline;
import io.millrace.media.timeline.VideoStamp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A picture track of a transport stream. Nothing is passed on before the first key frame, nor
 * between a key frame that was lost and the next one: it could not be decoded.
 */
final class TsVideoTrack extends TsTrack {
  /** Random access points without IDR, in a row, after which there will be none. */
  private static final int OPEN_GROUPS_TO_BELIEVE = 2;

  private final int track;
  private final Timeline timeline;
  private final TrackSink sink;
  private final Consumer<String> notes;
  private @Nullable AnnexBSyntax syntax;
  private TrackFormat.@Nullable Video format;
  private boolean awaitingKey;
  private int openGroups;
  private long frameTicks;
  private boolean timed;
  private long lastDts;
  private long lastOffset;
  private long step;

  TsVideoTrack(int track, Timeline timeline, TrackSink sink, Consumer<String> notes) {
    this.track = track;
    this.timeline = timeline;
    this.sink = sink;
    this.notes = notes;
  }

  @Override
  void begin(ElementaryStream next) {
    syntax = next.kind() == StreamKind.HEVC ? new AnnexBSyntax.Hevc() : new AnnexBSyntax.Avc();
    awaitingKey = true;
    openGroups = 0;
    timed = false;
  }

  @Override
  boolean known() {
    return format != null;
  }

  @Override
  void lost(boolean randomAccess) {
    awaitingKey |= randomAccess;
  }

  @Override
  void read(TsAccessUnit unit) {
    AnnexBSyntax read = syntax;
    ByteBuf sample =
        read == null || !time(unit) ? null : read.sample(unit.payload(), ByteBufAllocator.DEFAULT);
    if (read == null || sample == null) {
      drop();
      return;
    }
    try {
      boolean key = isKey(read, sample, unit.randomAccess());
      awaitingKey &= !key;
      if (awaitingKey || !sample.isReadable()) {
        drop();
        return;
      }
      if (key) {
        announce(read, sample);
      }
      VideoStamp stamp = timeline.video(track, lastDts, lastOffset);
      placed(lastDts + lastOffset, stamp.ptsTicks());
      sink.accept(
          new Sample(track, stamp.dtsTicks(), stamp.ptsTicks(), frameTicks, key, sample.retain()));
    } finally {
      sample.release();
    }
  }

  /** Takes the unit's time, or one frame after the last one; false when neither is known. */
  private boolean time(TsAccessUnit unit) {
    if (unit.hasTime()) {
      long moved = difference(unit.dts(), lastDts);
      step = timed && moved > 0 && moved < TsAccessUnit.TICKS_PER_SECOND ? moved : step;
      lastDts = unit.dts();
      lastOffset = difference(unit.pts(), unit.dts());
      timed = true;
    } else {
      lastDts += step;
    }
    return timed;
  }

  /**
   * Encoders for broadcast may send H.264 in open groups only, without any IDR picture; their
   * random access points are then taken for what they are in HEVC.
   */
  private boolean isKey(AnnexBSyntax read, ByteBuf sample, boolean randomAccess) {
    if (read.isRandomAccess(sample)) {
      openGroups = 0;
      return true;
    }
    if (!randomAccess) {
      return false;
    }
    if (++openGroups == OPEN_GROUPS_TO_BELIEVE) {
      notes.accept("no IDR pictures in " + stream() + ": cut at its recovery points");
    }
    return openGroups >= OPEN_GROUPS_TO_BELIEVE;
  }

  private void announce(AnnexBSyntax read, ByteBuf sample) {
    TrackFormat.Video base = read.format();
    if (base == null) {
      throw new IllegalStateException("a sample without its format");
    }
    DisplaySei display = read.display(sample);
    TrackFormat.Video known = format;
    boolean sameSets = known != null && Arrays.equals(known.configuration(), base.configuration());
    Hdr hdr = display.hdr() != null ? display.hdr() : base.colour().hdr();
    if (hdr == null && known != null && sameSets) {
      hdr = known.colour().hdr(); // said with some key frames only
    }
    TrackFormat.Video next =
        new TrackFormat.Video(
            base.codec(),
            base.codecs(),
            base.configuration(),
            base.width(),
            base.height(),
            base.sampleAspectRatio(),
            base.frameRate(),
            base.colour().withHdr(hdr),
            display.rotation().orElse(0));
    if (next.equals(known)) {
      return;
    }
    Rational rate = next.frameRate();
    timeline.frameRate(track, rate);
    frameTicks =
        rate == null
            ? 0
            : Timescale.scale(
                Timescale.VIDEO.ticksPerSecond(), rate.denominator(), rate.numerator());
    format = next;
    sink.accept(new Format(track, next));
  }
}
