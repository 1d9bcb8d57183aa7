/**
 * What of a rendition may be read at the moment: a sliding window of intervals, and its measures.
 */
@NullMarked
package io.millrace.packager.window;

import org.jspecify.annotations.NullMarked;
