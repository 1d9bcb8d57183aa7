package io.millrace.server.budget;

import java.util.OptionalDouble;

/**
 * What one rung takes.
 *
 * @param measuredCores over the last seconds; 0 while it is not encoded
 * @param predictedCores at the pace that it has; empty without a calibration
 */
public record RungCpu(double measuredCores, OptionalDouble predictedCores) {}
