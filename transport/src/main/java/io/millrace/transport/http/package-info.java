/**
 * HTTP/1.1 (RFC 9112) and HTTP/2 (RFC 9113) on Netty, behind one {@link
 * io.millrace.transport.http.HttpHandler}.
 *
 * <p>A connection is {@code [SslHandler] → Http1Connection | Http2Connection}, chosen by ALPN. It
 * turns requests into {@link io.millrace.transport.http.HttpExchange}s and pumps {@link
 * io.millrace.transport.http.HttpReply} bodies out in slices no faster than the peer takes them, so
 * a slow reader holds one slice of ciphertext and references to shared arrays, nothing more. Every
 * connection has deadlines, checked once a second by its event loop in one sweep: a parked request
 * costs no timer.
 */
@NullMarked
package io.millrace.transport.http;

import org.jspecify.annotations.NullMarked;
