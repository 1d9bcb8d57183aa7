package io.millrace.server.budget;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a stream's encoding takes.
 *
 * @param decoder all but its encoders: decoding, scaling, and what its worker does besides
 * @param rungs by name; those that are not known are missing
 */
public record StreamCpu(CpuUse decoder, Map<String, CpuUse> rungs) {
  /** Of a stream of which nothing is known. */
  public static final StreamCpu NONE =
      new StreamCpu(new CpuUse(0, OptionalDouble.empty()), Map.of());

  public StreamCpu {
    rungs = Map.copyOf(rungs);
  }
}
