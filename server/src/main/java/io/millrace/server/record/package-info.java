/**
 * Recordings: what a stream's publisher sends, to files, and from there to an S3 store.
 *
 * <p>{@link io.millrace.server.record.Recorder} gathers on a stream's loop, {@link
 * io.millrace.server.record.RecordingWriter} writes on the disk's thread, {@link
 * io.millrace.server.record.Uploads} sends what is finished. A disk or a store that fails costs
 * recordings, never the stream.
 */
@NullMarked
package io.millrace.server.record;

import org.jspecify.annotations.NullMarked;
