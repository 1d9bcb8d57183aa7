/**
 * Millrace beside its peers, in the same run on the same machine: CPU, memory and time, for
 * docs/performance.md.
 */
@NullMarked
package io.millrace.loadtest.bench;

import org.jspecify.annotations.NullMarked;
