/**
 * Microbenchmarks (JMH) of what every stream pays for: {@code loadtest/run jmh}. They need no other
 * process; media is made by the built-in test source.
 */
@NullMarked
package io.millrace.loadtest.bench.jmh;

import org.jspecify.annotations.NullMarked;
