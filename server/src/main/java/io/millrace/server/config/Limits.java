package io.millrace.server.config;

import java.time.Duration;

/**
 * Bounds on what peers may use.
 *
 * @param publisherBufferBytes held of one publisher's unfinished messages
 * @param publisherConnections RTMP and RTMPS connections together
 * @param unauthenticatedPerAddress of these, from one address and not publishing yet
 * @param handshake a connection that has not finished its RTMP handshake by then is closed
 * @param authentication a connection that has not published by then is closed
 * @param publisherIdle a publisher that sends no media for this long is ended
 * @param viewerConnections HTTP and HTTPS connections together
 * @param viewerConnectionsPerAddress of these, from one address
 * @param viewerConnectsPerSecond opened from one address
 * @param viewerIdle a connection without a request for this long is closed
 * @param viewerStalled a connection that takes no byte of a pending answer for this long is closed
 */
public record Limits(
    int publisherBufferBytes,
    int publisherConnections,
    int unauthenticatedPerAddress,
    Duration handshake,
    Duration authentication,
    Duration publisherIdle,
    int viewerConnections,
    int viewerConnectionsPerAddress,
    int viewerConnectsPerSecond,
    Duration viewerIdle,
    Duration viewerStalled) {}
