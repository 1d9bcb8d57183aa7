/**
 * Still pictures of live streams: thumbnails and storyboards, off the event loops and on demand.
 */
@NullMarked
package io.millrace.server.stills;

import org.jspecify.annotations.NullMarked;
