/** AV1 encoding by SVT-AV1: which library, with which parameters, and the SPI over its own API. */
@NullMarked
package io.millrace.codec.svtav1;

import org.jspecify.annotations.NullMarked;
