package io.millrace.server.budget;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ShedStep;
import java.util.List;
import java.util.Set;

/**
 * The machine and its encoders at one moment.
 *
 * @param usedCores what encoding, decoding and scaling take, in cores
 * @param idleCores what nobody takes
 * @param streams those that are being transcoded, the oldest first
 * @param waiting those whose publisher is away and may return: they take nothing, and what they
 *     have given up stays given up
 */
record Look(double usedCores, double idleCores, List<Stream> streams, Set<StreamKey> waiting) {
  Look {
    streams = List.copyOf(streams);
    waiting = Set.copyOf(waiting);
  }

  /** No publisher is away. */
  Look(double usedCores, double idleCores, List<Stream> streams) {
    this(usedCores, idleCores, streams, Set.of());
  }

  /**
   * A stream.
   *
   * @param budgetCores what all encoding may take, as its ladder has it
   * @param steps what may be given up, the first one first
   * @param late an encoder that leaves pictures out, or behind which they pile up, and for which
   *     nobody else does something; empty where none is
   * @param settling whether something that was decided is still on its way
   */
  record Stream(
      StreamKey key, double budgetCores, List<Step> steps, String late, boolean settling) {
    Stream {
      steps = List.copyOf(steps);
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
