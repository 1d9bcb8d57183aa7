/**
 * AV1 syntax: the AV1 Bitstream and Decoding Process Specification, and its ISO Media File Format
 * Binding (AV1-ISOBMFF).
 */
@NullMarked
package io.millrace.media.av1;

import org.jspecify.annotations.NullMarked;
