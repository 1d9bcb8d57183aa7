/**
 * From the samples of one rendition to sealed CMAF segments (ISO/IEC 23000-19): init segments,
 * cutting, timing, and the bytes.
 */
@NullMarked
package io.millrace.packager.segment;

import org.jspecify.annotations.NullMarked;
