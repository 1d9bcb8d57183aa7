/** What playlists and manifests say of cues: splice points and other messages of SCTE 35. */
@NullMarked
package io.millrace.packager.cue;

import org.jspecify.annotations.NullMarked;
