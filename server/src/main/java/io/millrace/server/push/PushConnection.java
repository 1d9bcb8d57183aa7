package io.millrace.server.push;

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
import java.util.ArrayDeque;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The main picture and sound of a stream on one connection: from a key frame on, with the decoder
 * configurations before it, in time that begins at 0.
 *
 * <p>The producer never waits. What the socket does not take waits here, up to {@link #MAX_BYTES}
 * and {@link #MAX_WAIT_NS}; when it is more, all of it is dropped, with what follows up to the next
 * key frame. Formats are not dropped. Where there has been a hole, timestamps have one of the same
 * length.
 *
 * <p>Confined to the stream's loop. Owns what waits.
 */
final class PushConnection implements TrackSink {
  /** What may wait here. */
  static final long MAX_BYTES = 16L << 20;

  /** For how long the oldest may. */
  static final long MAX_WAIT_NS = TimeUnit.SECONDS.toNanos(10);

  /** The connection is given no more while so much waits for the socket. */
  static final long MAX_PENDING_BYTES = 256 << 10;

  /** A server that takes nothing for so long is given up. */
  static final long STALLED_AFTER_NS = TimeUnit.SECONDS.toNanos(20);

  /** Sound without any picture for so long is sent alone; 2 s. */
  private static final long SOUND_ALONE_TICKS = 2L * Timescale.VIDEO.ticksPerSecond();

  /** Origins are whole milliseconds: all tracks are moved by the same time, to the nanosecond. */
  private static final long TICKS_PER_MILLI = Timescale.VIDEO.ticksPerSecond() / 1_000;

  private record Waiting(TrackEvent event, long sinceNs) {}

  private final PushLink link;
  private final boolean anyCodec;
  private final LongSupplier clockNs;
  private final TreeMap<Integer, TrackFormat> formats = new TreeMap<>();
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private @Nullable RtmpTracks tracks;
  private @Nullable String unsupported;
  private @Nullable String changed;
  private boolean pictures;
  private boolean skipping;
  private boolean closed;
  private long soundFromTicks = Long.MIN_VALUE;
  private long queuedBytes;
  private long droppedSamples;
  private long drops;
  private long takenBytes;
  private long takenNs;

  /**
   * @param link borrowed
   * @param anyCodec whatever the server says that it takes
   */
  PushConnection(PushLink link, boolean anyCodec, LongSupplier clockNs) {
    this.link = link;
    this.anyCodec = anyCodec;
    this.clockNs = clockNs;
    this.takenNs = clockNs.getAsLong();
  }

  /** What the server cannot be sent; null while that is nothing. Nothing is sent from then on. */
  @Nullable String unsupported() {
    return unsupported;
  }

  /** What has become another format, so that it has to be published anew; null: nothing. */
  @Nullable String changed() {
    return changed;
  }

  long sentBytes() {
    return tracks == null ? 0 : tracks.sentBytes();
  }

  long droppedSamples() {
    return droppedSamples;
  }

  /** How often it was too slow. */
  long drops() {
    return drops;
  }

  long queuedBytes() {
    return queuedBytes;
  }

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Format format when isSent(format.track()) -> format(format);
      case Sample sample when isSent(sample.track()) -> sample(sample);
      case Format _, Sample _, Boundary _, Discontinuity _, Cue _, End _ -> event.release();
    }
  }

  private static boolean isSent(int track) {
    return track == TrackEvent.VIDEO_TRACK || track == TrackEvent.AUDIO_TRACK;
  }

  private void format(Format format) {
    TrackFormat before = formats.put(format.track(), format.format());
    if (!anyCodec && unsupported == null) {
      unsupported = PushFormats.refusal(format.format(), link.serverCapabilities());
    }
    if (tracks == null || format.format().equals(before)) {
      return; // said when the first sample is sent
    }
    if (before != null && PushFormats.isAnother(before, format.format())) {
      changed = before + " became " + format.format();
      return;
    }
    queue.add(new Waiting(format, clockNs.getAsLong()));
  }

  private void sample(Sample sample) {
    boolean picture = sample.track() == TrackEvent.VIDEO_TRACK;
    pictures |= picture;
    boolean mayBegin = picture ? sample.key() : isAlone(sample);
    if (closed || unsupported != null || changed != null || (tracks == null && !mayBegin)) {
      sample.release();
      return;
    }
    if (tracks == null) {
      begin(sample);
    }
    if (skipping && !mayBegin) {
      droppedSamples++;
      sample.release();
      return;
    }
    skipping = false;
    keep(sample, mayBegin, clockNs.getAsLong());
    drain();
  }

  /** Sound is enough where no picture comes. */
  private boolean isAlone(Sample sound) {
    if (pictures) {
      return false;
    }
    if (!formats.containsKey(TrackEvent.VIDEO_TRACK)) {
      return true;
    }
    long ticks = videoTicks(sound);
    if (soundFromTicks == Long.MIN_VALUE) {
      soundFromTicks = ticks;
    }
    return ticks - soundFromTicks >= SOUND_ALONE_TICKS;
  }

  private long videoTicks(Sample sample) {
    TrackFormat format = formats.get(sample.track());
    Timescale scale = format == null ? Timescale.VIDEO : format.timescale();
    return scale.rescale(sample.dtsTicks(), Timescale.VIDEO);
  }

  private void begin(Sample first) {
    long originTicks = Math.floorDiv(videoTicks(first), TICKS_PER_MILLI) * TICKS_PER_MILLI;
    RtmpTracks begun = new RtmpTracks(link, originTicks);
    link.metadata(PushFormats.metadata(formats.values()));
    formats.forEach((track, format) -> begun.accept(new Format(track, format)));
    tracks = begun;
  }

  private void keep(Sample sample, boolean mayBegin, long nowNs) {
    Waiting oldest = queue.peek();
    boolean late = oldest != null && nowNs - oldest.sinceNs() > MAX_WAIT_NS;
    if (late || queuedBytes + sample.sizeBytes() > MAX_BYTES) {
      drops++;
      dropSamples();
      if (!mayBegin) {
        skipping = true;
        droppedSamples++;
        sample.release();
        return;
      }
    }
    queuedBytes += sample.sizeBytes();
    queue.add(new Waiting(sample, nowNs));
  }

  private void dropSamples() {
    queue.removeIf(
        waiting -> {
          if (waiting.event() instanceof Sample sample) {
            droppedSamples++;
            sample.release();
            return true;
          }
          return false;
        });
    queuedBytes = 0;
  }

  /** Gives the connection what it has room for. */
  void drain() {
    RtmpTracks out = tracks;
    if (out == null) {
      return;
    }
    while (!queue.isEmpty() && link.pendingBytes() < MAX_PENDING_BYTES) {
      TrackEvent event = queue.remove().event();
      if (event instanceof Sample sample) {
        queuedBytes -= sample.sizeBytes();
      } else {
        link.metadata(PushFormats.metadata(formats.values()));
      }
      out.accept(event);
    }
  }

  /** True where the server has taken nothing of what there is for it, for too long. */
  boolean isStalled() {
    long nowNs = clockNs.getAsLong();
    long pendingBytes = link.pendingBytes();
    long taken = sentBytes() - pendingBytes;
    if (taken != takenBytes || (pendingBytes == 0 && queue.isEmpty())) {
      takenBytes = taken;
      takenNs = nowNs;
    }
    return nowNs - takenNs > STALLED_AFTER_NS;
  }

  /** Gives the connection the rest, as far as it has room, and drops what it has not. */
  void close() {
    drain();
    closed = true;
    queue.forEach(waiting -> waiting.event().release());
    queue.clear();
    queuedBytes = 0;
  }
}
