package io.millrace.server.config;

import java.time.Duration;

/**
 * Bounds on what peers may use.
 *
 * @param messageBytes largest RTMP message taken
 * @param publisherConnections RTMP and RTMPS connections together
 * @param publisherConnectionsPerAddress of these, from one address and not yet authenticated
 * @param handshake a connection that has not finished its RTMP handshake by then is closed
 * @param authentication a connection that has not published by then is closed
 * @param publisherIdle a publisher that sends no media for this long is ended
 * @param viewerConnections HTTP and HTTPS connections together
 * @param viewerConnectionsPerAddress of these, from one address
 * @param viewerIdle a connection without a request for this long is closed
 * @param viewerStalled a connection that takes no byte of a pending answer for this long is closed
 */
public record Limits(
    int messageBytes,
    int publisherConnections,
    int publisherConnectionsPerAddress,
    Duration handshake,
    Duration authentication,
    Duration publisherIdle,
    int viewerConnections,
    int viewerConnectionsPerAddress,
    Duration viewerIdle,
    Duration viewerStalled) {}
