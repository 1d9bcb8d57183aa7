package io.millrace.server.config;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A configuration key: everything that is known about it, in one place.
 *
 * @param path dotted, within its {@link Group}
 * @param type of the value, or of each item of a list
 * @param list whether the value is a list
 * @param maxItems of a list
 * @param defaultText what holds when it is not given, as it would be written; null for nothing
 * @param required whether it must be given
 * @param availability whether this version does anything with it
 * @param help one line, without a final dot
 */
record Key<T>(
    String path,
    ValueType<T> type,
    boolean list,
    int maxItems,
    @Nullable String defaultText,
    boolean required,
    Availability<T> availability,
    String help)
    implements SchemaItem {

  static <T> Key<T> of(String path, ValueType<T> type, @Nullable String byDefault, String help) {
    return new Key<>(path, type, false, 1, byDefault, false, new Availability.Full<>(), help);
  }

  static <T> Key<T> listOf(String path, ValueType<T> type, int maxItems, String help) {
    return new Key<>(path, type, true, maxItems, null, false, new Availability.Full<>(), help);
  }

  Key<T> mustBeGiven() {
    return new Key<>(path, type, list, maxItems, defaultText, true, availability, help);
  }

  /** Known and checked, and without effect in this version where the value is {@code special}. */
  Key<T> later(Predicate<T> special) {
    return with(new Availability.Later<>(special, ""));
  }

  /** As {@link #later}, with what happens instead. */
  Key<T> later(Predicate<T> special, String instead) {
    return with(new Availability.Later<>(special, instead));
  }

  /** Known, and refused where the value is {@code special}: to ignore it would do harm. */
  Key<T> refused(Predicate<T> special, String why) {
    return with(new Availability.Refused<>(special, why));
  }

  private Key<T> with(Availability<T> other) {
    return new Key<>(path, type, list, maxItems, defaultText, required, other, help);
  }

  /** The value that holds by default. */
  T defaultValue() {
    if (defaultText == null) {
      throw new IllegalStateException(path + " has no default");
    }
    return type.reader().read(defaultText);
  }

  /** Whether this version does what the key says. */
  sealed interface Availability<T> {
    /** It does. */
    record Full<T>() implements Availability<T> {}

    /**
     * Not for values that are {@code special}: a warning.
     *
     * @param instead what happens in their place; may be empty
     */
    record Later<T>(Predicate<T> special, String instead) implements Availability<T> {}

    /** Not for values that are {@code special}: an error. */
    record Refused<T>(Predicate<T> special, String why) implements Availability<T> {}
  }
}
