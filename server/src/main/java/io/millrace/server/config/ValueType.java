package io.millrace.server.config;

import java.util.List;

/**
 * A kind of scalar value: the rule that it must keep, and how its text is read.
 *
 * @param rule a noun phrase that fits behind "is not": {@code a duration from 1s to 10s}
 * @param words the whole vocabulary where there is one, for "did you mean"; else empty
 * @param secret true where the text must not be repeated in a message
 * @param reader gives the value
 */
record ValueType<T>(String rule, List<String> words, boolean secret, Reader<T> reader) {

  static <T> ValueType<T> of(String rule, Reader<T> reader) {
    return new ValueType<>(rule, List.of(), false, reader);
  }

  /** The same type, with text that no message repeats. */
  ValueType<T> kept() {
    return new ValueType<>(rule, words, true, reader);
  }

  /** Gives the value of a text, or throws where the text does not keep the rule. */
  @FunctionalInterface
  interface Reader<T> {
    /**
     * @throws IllegalArgumentException where the text does not keep the rule; the message is for
     *     the programmer, the operator reads {@link ValueType#rule}
     */
    T read(String text);
  }
}
