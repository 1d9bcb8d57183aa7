/**
 * A publisher without a camera: a test picture with a clock in it, a tone, encoded like OBS would.
 */
@NullMarked
package io.millrace.codec.testsource;

import org.jspecify.annotations.NullMarked;
