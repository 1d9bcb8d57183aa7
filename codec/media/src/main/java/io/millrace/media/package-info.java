/**
 * What flows through Millrace: samples, track formats, track events and the clock they are counted
 * on. Bitstream syntax lives in the subpackages ({@code h264}, {@code aac}, {@code av1}, {@code
 * flv}), as records that parse and write.
 */
@NullMarked
package io.millrace.media;

import org.jspecify.annotations.NullMarked;
