/**
 * Worker processes: native decoding and encoding outside the server. Starts, limits, watches and
 * replaces them; what is said with them is {@code io.millrace.codec.worker}.
 */
@NullMarked
package io.millrace.server.worker;

import org.jspecify.annotations.NullMarked;
