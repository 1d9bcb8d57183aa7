/**
 * Streams are sent on to other servers by RTMP and RTMPS: {@code PushService} makes the {@code
 * StreamPushes} of a stream, which has a {@code Push} for each target, which connects again and
 * again; a {@code PushConnection} is one connection, with what waits for it.
 */
@NullMarked
package io.millrace.server.push;

import org.jspecify.annotations.NullMarked;
