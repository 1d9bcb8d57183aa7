/**
 * What viewers fetch: playlists, manifests, media, the player page. Joins the packager's documents
 * to HTTP; renders and compresses nothing per viewer.
 */
@NullMarked
package io.millrace.server.origin;

import org.jspecify.annotations.NullMarked;
