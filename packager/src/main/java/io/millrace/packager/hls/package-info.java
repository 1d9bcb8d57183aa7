/** HLS playlists (RFC 8216bis) as pure functions of what is to be listed. */
@NullMarked
package io.millrace.packager.hls;

import org.jspecify.annotations.NullMarked;
