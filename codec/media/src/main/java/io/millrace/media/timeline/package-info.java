/** From wire time to exact ticks, once, at ingest. */
@NullMarked
package io.millrace.media.timeline;

import org.jspecify.annotations.NullMarked;
