package io.millrace.server.api;

import io.millrace.media.StreamKey;
import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * One publishing session.
 *
 * @param protocol {@code rtmp} or {@code rtmps}
 * @param encoder what the client calls itself; may be empty
 */
public record SessionDetail(
    String id,
    String protocol,
    InetSocketAddress remote,
    StreamKey stream,
    String encoder,
    Instant since,
    long bytesReceived) {}
