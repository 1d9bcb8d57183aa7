/**
 * What an encoder, a decoder and a raw picture are, whatever library is behind them. Raw pictures
 * and native handles never leave this package and its subpackages.
 */
@NullMarked
package io.millrace.codec;

import org.jspecify.annotations.NullMarked;
