/**
 * What a stream shows and plays while its publisher is gone: the last picture or a slate, coded
 * once and repeated, and silence, each in the form that the track had.
 */
@NullMarked
package io.millrace.codec.slate;

import org.jspecify.annotations.NullMarked;
