/**
 * The ladder engine: compressed events of one source in, compressed events of every rung out, cut
 * at the same instants.
 */
@NullMarked
package io.millrace.codec.ladder;

import org.jspecify.annotations.NullMarked;
