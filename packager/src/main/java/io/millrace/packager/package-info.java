/**
 * Makes CMAF segments, HLS playlists and DASH manifests from the {@link
 * io.millrace.media.TrackEvent}s of one stream, and knows no HTTP.
 *
 * <p>{@link io.millrace.packager.Presentation} is the whole outside: sinks to write into, immutable
 * documents and media objects to read from. Inside, arrows point one way: {@code bmff ← segment ←
 * window ← hls, dash ← } this package.
 */
@NullMarked
package io.millrace.packager;

import org.jspecify.annotations.NullMarked;
