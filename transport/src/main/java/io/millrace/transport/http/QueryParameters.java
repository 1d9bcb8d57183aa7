package io.millrace.transport.http;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decoded query of a request.
 *
 * @param values by name, those of one name in the order sent; at most {@link
 *     RequestTarget#MAX_PARAMETERS} in all
 */
public record QueryParameters(Map<String, List<String>> values) {
  public static final QueryParameters NONE = new QueryParameters(Map.of());

  /** The first value of {@code name}, or null; the empty string for a name without a value. */
  public @Nullable String first(String name) {
    List<String> all = values.get(name);
    return all == null ? null : all.getFirst();
  }
}
