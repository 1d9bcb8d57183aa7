/**
 * RTMP (Adobe RTMP 1.0): a server that takes publishers and a client that publishes. Knows no
 * streams and no HLS: whoever runs the server gives it a {@link
 * io.millrace.transport.rtmp.RtmpPublishHandler} and receives FLV tag bodies.
 *
 * <pre>
 *  bytes ─► handshake ─► chunk (messages) ─► amf (commands) ─► session ─► RtmpPublicationListener
 * </pre>
 */
@NullMarked
package io.millrace.transport.rtmp;

import org.jspecify.annotations.NullMarked;
