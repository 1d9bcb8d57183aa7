package io.millrace.server.budget;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ShedStep;
import java.util.List;
import java.util.Set;

/**
 * The machine and its encoders at one moment.
 *
 * @param usedCores what encoding, decoding and scaling take, in cores, when all has gone that is on
 *     its way out, and what is expected of what has just begun
 * @param idleCores what nobody takes
 * @param comingCores of {@code usedCores}, what has not been taken yet, less what is on its way out
 * @param streams those that are being transcoded, the oldest first
 * @param waiting those whose publisher is away and may return: they take nothing, and what they
 *     have given up stays given up
 */
record Look(
    double usedCores,
    double idleCores,
    double comingCores,
    List<Stream> streams,
    Set<StreamKey> waiting) {
  Look {
    streams = List.copyOf(streams);
    waiting = Set.copyOf(waiting);
  }

  /** Everything has been there for a while, and no publisher is away. */
  Look(double usedCores, double idleCores, List<Stream> streams) {
    this(usedCores, idleCores, 0, streams, Set.of());
  }

  /** What all streams' encoders lack, in cores. */
  double lackingCores() {
    return streams.stream().mapToDouble(Stream::lackingCores).sum();
  }

  /**
   * A stream.
   *
   * @param budgetCores what all encoding may take, as its ladder has it
   * @param steps what may be given up, the first one first
   * @param late an encoder that leaves pictures out, or behind which they pile up, and for which
   *     nobody else does something, or the decoder; empty where none is
   * @param lackingCores what those that are late would take if they could, beyond what they do
   * @param settling whether something that was decided is still on its way
   * @param beginning whether it is late only because it has just begun, while rungs that go are
   *     encoded to the ends of their segments
   */
  record Stream(
      StreamKey key,
      double budgetCores,
      List<Step> steps,
      String late,
      double lackingCores,
      boolean settling,
      boolean beginning) {
    Stream {
      steps = List.copyOf(steps);
    }

    /** What late ones lack is not known. */
    Stream(StreamKey key, double budgetCores, List<Step> steps, String late, boolean settling) {
      this(key, budgetCores, steps, late, 0, settling, false);
    }
  }

  /**
   * What may be given up.
   *
   * @param cores what that frees; 0 where it changes nothing now
   * @param starting whether it is a rung that has just begun, and what it takes is expected only
   */
  record Step(ShedStep step, double cores, boolean starting) {}
}
