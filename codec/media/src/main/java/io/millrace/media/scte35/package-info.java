/** Splice information of ANSI/SCTE 35, as far as playlists and manifests have a use for it. */
@NullMarked
package io.millrace.media.scte35;

import org.jspecify.annotations.NullMarked;
