/**
 * What encoding costs: measured once on a machine ({@link io.millrace.codec.cost.CostBenchmark}),
 * and predicted from that for any ladder ({@link io.millrace.codec.cost.CostModel}).
 */
@NullMarked
package io.millrace.codec.cost;

import org.jspecify.annotations.NullMarked;
