package io.millrace.codec.cost;

import io.millrace.codec.ladder.PlannedRung;
import java.util.OptionalDouble;

/**
 * What a rung is expected to take.
 *
 * @param cores CPU seconds a second of content; empty where nothing like it has been measured
 */
public record RungCost(PlannedRung rung, OptionalDouble cores) {}
