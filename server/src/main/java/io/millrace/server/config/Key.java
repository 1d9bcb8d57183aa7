package io.millrace.server.config;

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
 * @param help one line, without a final dot
 */
record Key<T>(
    String path,
    ValueType<T> type,
    boolean list,
    int maxItems,
    @Nullable String defaultText,
    boolean required,
    String help)
    implements SchemaItem {

  static <T> Key<T> of(String path, ValueType<T> type, @Nullable String byDefault, String help) {
    return new Key<>(path, type, false, 1, byDefault, false, help);
  }

  static <T> Key<T> listOf(String path, ValueType<T> type, int maxItems, String help) {
    return new Key<>(path, type, true, maxItems, null, false, help);
  }

  Key<T> mustBeGiven() {
    return new Key<>(path, type, list, maxItems, defaultText, true, help);
  }

  /** The value that holds by default. */
  T defaultValue() {
    if (defaultText == null) {
      throw new IllegalStateException(path + " has no default");
    }
    return type.reader().read(defaultText);
  }
}
