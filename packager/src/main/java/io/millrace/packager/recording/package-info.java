/**
 * Segments as files that are to be kept: one fragmented MP4 with all tracks, or a tree for HLS.
 * Each is playable at any instant up to what was last written, also after the process was killed.
 */
@NullMarked
package io.millrace.packager.recording;

import org.jspecify.annotations.NullMarked;
