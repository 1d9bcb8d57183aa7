/**
 * A ladder in a process of its own: what is said between a server and the worker that decodes and
 * encodes for it, and the worker's side of it. Knows no processes: both ends are given a channel.
 */
@NullMarked
package io.millrace.codec.worker;

import org.jspecify.annotations.NullMarked;
