/**
 * TLS 1.3 (RFC 8446), and nothing older, for every listener: credentials, their reload, and
 * BoringSSL contexts.
 */
@NullMarked
package io.millrace.transport.tls;

import org.jspecify.annotations.NullMarked;
