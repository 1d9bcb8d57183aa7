/** What delivery over TLS costs a server, beside nginx with the same files. */
@NullMarked
package io.millrace.loadtest.throughput;

import org.jspecify.annotations.NullMarked;
