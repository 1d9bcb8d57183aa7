package io.millrace.server.budget;

import java.util.OptionalDouble;

/**
 * What one rung takes, or all else of a stream.
 *
 * @param measuredCores over the last seconds; 0 while it does not run
 * @param predictedCores at the pace that it has; empty without a calibration
 */
public record CpuUse(double measuredCores, OptionalDouble predictedCores) {}
