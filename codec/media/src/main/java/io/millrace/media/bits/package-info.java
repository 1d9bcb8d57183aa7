/** Reading and writing bit by bit, for the syntax tables of the codecs. */
@NullMarked
package io.millrace.media.bits;

import org.jspecify.annotations.NullMarked;
