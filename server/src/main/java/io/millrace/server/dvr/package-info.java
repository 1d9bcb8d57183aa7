/** The windows of streams that are longer than memory: on disk, and back after a restart. */
@NullMarked
package io.millrace.server.dvr;

import org.jspecify.annotations.NullMarked;
