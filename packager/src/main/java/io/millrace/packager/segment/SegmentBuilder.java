package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * The open segment: samples go in, parts are sealed on the way, {@link #seal} ends it.
 *
 * <p>Decoding times have no hole and no overlap between parts: the first sample of a part is
 * decoded where the part before it ends, whenever that was sealed.
 *
 * <p>Owns the samples that are not in a sealed part. Not thread-safe.
 */
final class SegmentBuilder {
  private final Boundary boundary;
  private final InitSegment init;
  private final long startTicks;
  private final PartGrid grid;
  private final IntSupplier fragmentNumbers;
  private final SegmentListener listener;
  private final InbandEvents inband;

  private final List<Part> parts = new ArrayList<>();
  private final FragmentBuilder open;
  private int sampleCount;
  private long payloadBytes;
  private long sealedEndTicks;
  private long lineTicks;
  private long lastDecodeTicks;
  private long lastDeltaTicks;
  private long nominalTicks;

  /**
   * @param startTicks where the segment starts in playlists
   * @param decodeTicks decoding time of the first sample: {@code startTicks}, or where the segment
   *     before it ended
   * @param grid where parts end
   */
  SegmentBuilder(
      Boundary boundary,
      InitSegment init,
      long startTicks,
      long decodeTicks,
      PartGrid grid,
      IntSupplier fragmentNumbers,
      SegmentListener listener,
      InbandEvents inband) {
    this.boundary = boundary;
    this.init = init;
    this.startTicks = startTicks;
    this.grid = grid;
    this.fragmentNumbers = fragmentNumbers;
    this.listener = listener;
    this.lastDecodeTicks = decodeTicks;
    this.sealedEndTicks = decodeTicks;
    this.lineTicks = grid.lineAfter(Math.max(startTicks, decodeTicks));
    this.open =
        new FragmentBuilder(
            InitWriter.rollDistance(init.format()) != 0,
            init.timescale(),
            grid.exists() ? boundary.epoch() : null);
    this.inband = inband;
  }

  Boundary boundary() {
    return boundary;
  }

  InitSegment init() {
    return init;
  }

  long startTicks() {
    return startTicks;
  }

  long lastDecodeTicks() {
    return lastDecodeTicks;
  }

  long payloadBytes() {
    return payloadBytes;
  }

  boolean isEmpty() {
    return sampleCount == 0;
  }

  /** True where nothing has come since the last part was sealed. */
  boolean isPartEmpty() {
    return open.isEmpty();
  }

  PartGrid grid() {
    return grid;
  }

  /** Decoding time where the sealed parts end; where the segment starts if there are none. */
  long sealedEndTicks() {
    return sealedEndTicks;
  }

  /** Decoding time of the open part's first sample. */
  long partStartTicks() {
    return open.isEmpty() ? sealedEndTicks : open.startTicks();
  }

  /** Where the open part is to end; {@link Long#MAX_VALUE} without parts. */
  long lineTicks() {
    return lineTicks;
  }

  /** Decoding time of a sample of which the source says {@code ticks}. */
  long decodeTicks(long ticks) {
    return open.isEmpty() ? sealedEndTicks : Math.max(ticks, lastDecodeTicks + 1);
  }

  /** Takes the sample; decoding times must grow. */
  void add(Sample sample, long decodeTicks) {
    lastDeltaTicks = sampleCount == 0 ? 0 : decodeTicks - lastDecodeTicks;
    nominalTicks = sample.durationTicks();
    sampleCount++;
    payloadBytes += sample.sizeBytes();
    lastDecodeTicks = decodeTicks;
    open.add(sample, decodeTicks);
  }

  /** Leaves a hole behind the sealed parts: what comes next is decoded at {@code ticks}. */
  void resumeAt(long ticks) {
    sealedEndTicks = ticks;
    lineTicks = grid.lineAfter(ticks);
  }

  /** The last sample's own duration; 0 when unknown. */
  long nominalTicks() {
    return nominalTicks;
  }

  /** From the sample before the last one to the last; 0 when there is one only. */
  long lastDeltaTicks() {
    return lastDeltaTicks;
  }

  /** Seals what is open, which must not be nothing, as a part that ends at {@code endTicks}. */
  void sealPart(long endTicks) {
    sealPart(endTicks, false);
  }

  private void sealPart(long endTicks, boolean last) {
    boolean first = parts.isEmpty();
    Part part =
        inband.into(open.seal(endTicks, fragmentNumbers.getAsInt(), first), init.timescale());
    sealedEndTicks = part.endTicks();
    lineTicks = grid.lineAfter(sealedEndTicks);
    if (first && part.startTicks() != startTicks) {
      part = part.from(startTicks);
    }
    parts.add(part);
    listener.part(boundary.sequence(), part, last);
  }

  /** Ends the segment, which must not be empty; what is open becomes its last part. */
  Segment seal(long endTicks) {
    if (!open.isEmpty()) {
      sealPart(endTicks, true);
    }
    return new Segment(
        boundary.sequence(),
        boundary.discontinuity(),
        boundary.startTicks(),
        init,
        startTicks,
        endTicks,
        sampleCount,
        parts);
  }

  /** Releases the samples that are not in a sealed part. */
  void discard() {
    open.discard();
  }
}
