/**
 * The window of a stream beyond memory: segments in append-only files with a crash-safe index.
 *
 * <p>{@link io.millrace.packager.dvr.DvrDirectory} holds streams, {@link
 * io.millrace.packager.dvr.DvrStream} renditions, and a {@link io.millrace.packager.dvr.DvrWindow}
 * is what one rendition has on disk.
 */
@NullMarked
package io.millrace.packager.dvr;

import org.jspecify.annotations.NullMarked;
