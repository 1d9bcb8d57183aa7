/**
 * VP9 syntax: the VP9 Bitstream and Decoding Process Specification, and the VP Codec ISO Media File
 * Format Binding.
 */
@NullMarked
package io.millrace.media.vp9;

import org.jspecify.annotations.NullMarked;
