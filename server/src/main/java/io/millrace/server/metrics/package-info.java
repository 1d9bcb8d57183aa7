/**
 * What the server counts, as Prometheus reads it. Every name, its meaning and its labels stand in
 * {@link io.millrace.server.metrics.Meter}.
 */
@NullMarked
package io.millrace.server.metrics;

import org.jspecify.annotations.NullMarked;
