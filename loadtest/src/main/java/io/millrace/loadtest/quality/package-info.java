/**
 * Rate and quality of Millrace's own live rungs, with what they cost and how long they hold
 * pictures back, for docs/quality.md.
 */
@NullMarked
package io.millrace.loadtest.quality;

import org.jspecify.annotations.NullMarked;
