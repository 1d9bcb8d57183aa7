package io.millrace.server.config;

import java.time.Duration;

/**
 * How far back viewers may go in a stream.
 *
 * @param window of the stream's time
 * @param maxBytes of all its renditions; the oldest goes where it would be more
 */
public record DvrPolicy(Duration window, long maxBytes) {}
