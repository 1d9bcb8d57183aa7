package io.millrace.codec.cost;

import java.util.List;

/**
 * What a ladder is expected to take, in CPU seconds a second of content.
 *
 * @param decodeCores once for all rungs
 * @param scaleCores once a size
 * @param soundCores where the sound is encoded again
 * @param rungs in ladder order
 */
public record LadderCost(
    double decodeCores, double scaleCores, double soundCores, List<RungCost> rungs) {
  public LadderCost {
    rungs = List.copyOf(rungs);
  }

  /** Everything that is known. */
  public double cores() {
    return decodeCores
        + scaleCores
        + soundCores
        + rungs.stream().mapToDouble(rung -> rung.cores().orElse(0)).sum();
  }
}
