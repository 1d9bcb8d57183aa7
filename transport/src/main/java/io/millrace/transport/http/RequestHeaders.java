package io.millrace.transport.http;

import org.jspecify.annotations.Nullable;

/** The header fields of a request, read-only. */
@FunctionalInterface
public interface RequestHeaders {
  RequestHeaders NONE = name -> null;

  /**
   * The field's value; several lines of one name are joined by {@code ", "} (RFC 9110 §5.3).
   *
   * @param name in lower case
   * @return null when the field is absent
   */
  @Nullable String get(String name);

  default boolean has(String name) {
    return get(name) != null;
  }
}
