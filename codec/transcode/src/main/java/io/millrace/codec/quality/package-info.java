/** How good an encoded picture is, measured on samples of a live rung. */
@NullMarked
package io.millrace.codec.quality;

import org.jspecify.annotations.NullMarked;
