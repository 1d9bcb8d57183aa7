/**
 * The edge role: viewers are answered from memory, and what is not there is asked of an origin
 * once, however many wait for it. Knows paths and the directives that tell one playlist from
 * another; nothing of what playlists and media contain.
 *
 * <p>A request is a {@link io.millrace.server.edge.ObjectKey}. It is answered by what is {@link
 * io.millrace.server.edge.Stored}, or joins the {@link io.millrace.server.edge.Flight} of its
 * object, which a {@link io.millrace.server.edge.Filling} completes from the {@link
 * io.millrace.server.edge.Origins}.
 */
@NullMarked
package io.millrace.server.edge;

import org.jspecify.annotations.NullMarked;
