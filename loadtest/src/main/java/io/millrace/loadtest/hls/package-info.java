/** A client of HTTP Live Streaming that fetches and counts but does not decode (RFC 8216). */
@NullMarked
package io.millrace.loadtest.hls;

import org.jspecify.annotations.NullMarked;
