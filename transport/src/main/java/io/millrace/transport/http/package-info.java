/**
 * HTTP/1.1 (RFC 9112), HTTP/2 (RFC 9113) and HTTP/3 (RFC 9114) on Netty, behind one {@link
 * io.millrace.transport.http.HttpHandler}.
 *
 * <p>A connection is {@code [SslHandler] → Http1Connection | Http2Connection}, chosen by ALPN, or
 * an {@code Http3Connection} on a QUIC channel of Netty's, with an {@code Http3Stream} a request.
 * It turns requests into {@link io.millrace.transport.http.HttpExchange}s and pumps {@link
 * io.millrace.transport.http.HttpReply} bodies out in slices no faster than the peer takes them, so
 * a slow reader holds one slice of ciphertext and references to shared arrays, nothing more. Every
 * connection has deadlines, checked once a second by its event loop in one sweep: a parked request
 * costs no timer.
 */
@NullMarked
package io.millrace.transport.http;

import org.jspecify.annotations.NullMarked;
