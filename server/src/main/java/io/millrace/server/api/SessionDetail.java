package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.live.InputRole;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;

/**
 * One publishing session.
 *
 * @param protocol {@code rtmp}, {@code rtmps} or {@code srt}
 * @param encoder what the client calls itself; may be empty
 * @param input which input of its stream it is
 * @param onAir whether it is the one that viewers see
 * @param statistics of the transport, by the names that its users know; empty where it has none
 */
public record SessionDetail(
    String id,
    String protocol,
    InetSocketAddress remote,
    StreamKey stream,
    String encoder,
    Instant since,
    long bytesReceived,
    InputRole input,
    boolean onAir,
    Map<String, Number> statistics) {}
