/**
 * Blobs under names on a disk, within a number of bytes: append-only files, checksums, an index in
 * memory that is read from the files after a start. Knows nothing of HTTP.
 */
@NullMarked
package io.millrace.server.edge.disk;

import org.jspecify.annotations.NullMarked;
