package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * The open segment: samples go in, parts are sealed on the way, {@link #seal} ends it.
 *
 * <p>Owns the samples that are not in a sealed part. Not thread-safe.
 */
final class SegmentBuilder {
  private final Boundary boundary;
  private final InitSegment init;
  private final long startTicks;
  private final long partTicks;
  private final IntSupplier fragmentNumbers;
  private final SegmentListener listener;
  private final InbandEvents inband;

  private final List<Part> parts = new ArrayList<>();
  private final FragmentBuilder open;
  private int sampleCount;
  private long payloadBytes;
  private long lastDecodeTicks;
  private long lastDeltaTicks;
  private long nominalTicks;

  /**
   * @param startTicks decoding time of the first sample
   * @param partTicks nominal duration of a part; 0: the segment is one part
   */
  SegmentBuilder(
      Boundary boundary,
      InitSegment init,
      long startTicks,
      long partTicks,
      IntSupplier fragmentNumbers,
      SegmentListener listener,
      InbandEvents inband) {
    this.boundary = boundary;
    this.init = init;
    this.startTicks = startTicks;
    this.partTicks = partTicks;
    this.fragmentNumbers = fragmentNumbers;
    this.listener = listener;
    this.inband = inband;
    this.lastDecodeTicks = startTicks;
    this.open = new FragmentBuilder(InitWriter.rollDistance(init.format()) != 0);
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

  /** Takes the sample; decoding times must grow. */
  void add(Sample sample, long decodeTicks) {
    lastDeltaTicks = sampleCount == 0 ? 0 : decodeTicks - lastDecodeTicks;
    nominalTicks = sample.durationTicks();
    long expectedTicks = nominalTicks > 0 ? nominalTicks : lastDeltaTicks;
    if (partTicks > 0
        && !open.isEmpty()
        && decodeTicks + expectedTicks - open.startTicks() > partTicks) {
      sealPart(decodeTicks);
    }
    sampleCount++;
    payloadBytes += sample.sizeBytes();
    lastDecodeTicks = decodeTicks;
    open.add(sample, decodeTicks);
  }

  /** The last sample's own duration; 0 when unknown. */
  long nominalTicks() {
    return nominalTicks;
  }

  /** From the sample before the last one to the last; 0 when there is one only. */
  long lastDeltaTicks() {
    return lastDeltaTicks;
  }

  /** Seals what is open as a part that ends at {@code endTicks}. */
  void sealPart(long endTicks) {
    Part sealed = open.seal(endTicks, fragmentNumbers.getAsInt(), parts.isEmpty());
    Part part = inband.into(sealed, init.timescale());
    parts.add(part);
    listener.part(boundary.sequence(), part);
  }

  /** Ends the segment, which must not be empty. */
  Segment seal(long endTicks) {
    if (!open.isEmpty()) {
      sealPart(endTicks);
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
