/**
 * The asking side of HTTP: GET over HTTP/2 behind TLS 1.3, or HTTP/1.1, from one server, by a small
 * pool of connections on one event loop. What a cache needs of a client, and nothing more.
 */
@NullMarked
package io.millrace.transport.http.client;

import org.jspecify.annotations.NullMarked;
