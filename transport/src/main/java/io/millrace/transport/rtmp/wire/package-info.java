/**
 * RTMP below its commands: the handshake and the chunk stream (Adobe RTMP 1.0 §5), both directions.
 * Pure state machines over buffers: no channel, no clock, no thread of their own.
 */
@NullMarked
package io.millrace.transport.rtmp.wire;

import org.jspecify.annotations.NullMarked;
