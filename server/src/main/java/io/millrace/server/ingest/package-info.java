/**
 * Publishing sessions become events of a live stream: who may publish, what the bytes are, and when
 * they belong.
 */
@NullMarked
package io.millrace.server.ingest;

import org.jspecify.annotations.NullMarked;
