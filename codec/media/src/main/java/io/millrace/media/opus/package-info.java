/** Opus configuration records: RFC 7845 and its ISO base media binding. */
@NullMarked
package io.millrace.media.opus;

import org.jspecify.annotations.NullMarked;
