/** Loudness of sound (EBU R 128, ITU-R BS.1770-4): measured, and brought to a target while live. */
@NullMarked
package io.millrace.codec.loudness;

import org.jspecify.annotations.NullMarked;
