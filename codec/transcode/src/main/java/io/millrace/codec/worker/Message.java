package io.millrace.codec.worker;

import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is said between a server (S) and a worker (W), in the order of a life:
 *
 * <pre>
 * W→S Hello             here I am
 * S→W Open              this is to be encoded
 * W→S Ready             libraries are loaded, rungs wait
 * S→W Event…            the source
 * S→W Want…             whether a rung is to be encoded, and how
 * S→W Change            from the next boundary on, these are
 * W→S Event(lane)…      a rung
 * ←→  Credit…           used so much
 * W→S Stats…            four times a second, from Open on
 * W→S RungFailed, SourceFailed
 * </pre>
 *
 * The end of the connection ends the worker.
 */
public sealed interface Message {
  /** The lane of the source's events; those of rungs are counted from 0 in the ladder's order. */
  int SOURCE = 0;

  /**
   * @param version {@link Wire#VERSION}
   * @param token what the worker was given by the one who started it
   */
  @SuppressWarnings("ArrayRecordComponent") // read once
  record Hello(int version, byte[] token) implements Message {}

  /**
   * @param streamName for logs
   * @param source what the rungs' sizes are made from
   * @param svtAv1Library an SVT-AV1 library that the operator named; null without
   * @param vmafProgram that rungs with a quality target are compared by; null without
   */
  record Open(
      String streamName,
      Ladder ladder,
      TrackFormat.Video source,
      @Nullable String svtAv1Library,
      @Nullable String vmafProgram)
      implements Message {}

  /** The rungs wait for the source. */
  record Ready() implements Message {}

  /**
   * Something of the source, or of a rung.
   *
   * @param event never a cue; of a rung, a boundary says its sequence number only
   */
  record Event(int lane, TrackEvent event) implements Message {}

  /**
   * Whether a rung is to be encoded, and how, from its next segment on; all are, in full, at first.
   */
  record Want(int lane, boolean encode, RungPace pace) implements Message {}

  /**
   * Another ladder from the source's next boundary on. A rung of a name that is there already, and
   * has not failed, goes on; one that is not in it ends behind its last event.
   *
   * @param source what it is
   * @param lanes the numbers of its video rungs, and behind them that of its sound where that is
   *     encoded; an old number means an old rung
   */
  record Change(Ladder ladder, TrackFormat.Video source, List<Integer> lanes) implements Message {
    public Change {
      lanes = List.copyOf(lanes);
      boolean sound = ladder.audio() != null && !ladder.audio().passthrough();
      if (lanes.size() != ladder.video().size() + (sound ? 1 : 0)) {
        throw new IllegalArgumentException("not a lane for each rung");
      }
    }
  }

  /** So many bytes of events have been used. */
  record Credit(long bytes) implements Message {}

  /** The worker is alive, and this is what it has done. */
  record Stats(TranscoderStats stats) implements Message {}

  /** A rung has ended, the others go on. */
  record RungFailed(int lane, String reason) implements Message {}

  /** The source cannot be decoded until its format changes. */
  record SourceFailed(String reason) implements Message {}
}
