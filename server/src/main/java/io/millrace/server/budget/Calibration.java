package io.millrace.server.budget;

import io.millrace.codec.cost.Costs;
import java.time.Instant;

/**
 * What encoding costs on one machine.
 *
 * @param made when it was measured
 */
public record Calibration(Identity identity, Instant made, Costs costs) {

  /**
   * What the costs depend on: another machine, library or release makes them void.
   *
   * @param cpu model of the processor
   * @param cores that the process may use
   * @param h264 library and FFmpeg's release
   * @param av1 library, version and where it is
   * @param version of Millrace
   */
  public record Identity(String cpu, int cores, String h264, String av1, String version) {}
}
