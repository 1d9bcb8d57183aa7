package io.millrace.transport.srt;

import io.millrace.media.StreamKey;
import io.millrace.transport.srt.flow.SrtStatistics;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A handshake's or connection's account, given once at its end.
 *
 * @param stream what it asked to publish, or null when that is not known
 * @param rejectCode what the caller was told, 0 when it was accepted
 * @param durationMs from the answer to the end; 0 for a refused one
 * @param statistics of the connection, or null when there was none
 */
public record SrtSessionSummary(
    String sessionId,
    InetSocketAddress remote,
    @Nullable StreamKey stream,
    boolean encrypted,
    int rejectCode,
    EndReason end,
    long durationMs,
    @Nullable SrtStatistics statistics) {}
