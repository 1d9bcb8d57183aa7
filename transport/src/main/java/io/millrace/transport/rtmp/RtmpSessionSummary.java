package io.millrace.transport.rtmp;

import io.millrace.media.StreamKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection's account, given once at its end.
 *
 * @param stream the last stream that it published or asked to publish, or null
 * @param encoder what the client called itself, printable, may be empty
 * @param published whether a publication was ever accepted
 * @param durationMs from accept to end
 * @param bytesReceived handshake and chunk headers included, TLS framing not
 */
public record RtmpSessionSummary(
    String sessionId,
    InetSocketAddress remote,
    boolean secure,
    @Nullable StreamKey stream,
    String encoder,
    boolean published,
    EndReason end,
    long durationMs,
    long bytesReceived,
    long bytesSent,
    long videoMessages,
    long audioMessages) {}
