package io.millrace.server.event;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events somebody wants.
 *
 * @param types all of them, where it is everything
 * @param stream {@code APP/NAME}; null: those of all streams and of none
 */
public record EventFilter(Set<EventType> types, @Nullable String stream) {
  public static final EventFilter ALL = new EventFilter(EnumSet.allOf(EventType.class), null);

  public EventFilter {
    types = Set.copyOf(types);
  }

  /**
   * @param words types or subjects with commas between: {@code rung,stream.ended}; null: all
   * @throws IllegalArgumentException when one is neither; the message names it
   */
  public static EventFilter of(@Nullable String words, @Nullable String stream) {
    if (words == null) {
      return new EventFilter(ALL.types, stream);
    }
    EnumSet<EventType> types = EnumSet.noneOf(EventType.class);
    for (String word : words.split(",", -1)) {
      List<EventType> named =
          Arrays.stream(EventType.values())
              .filter(type -> type.word().equals(word) || type.subject().equals(word))
              .toList();
      if (named.isEmpty()) {
        throw new IllegalArgumentException("no type of events is called " + word);
      }
      types.addAll(named);
    }
    return new EventFilter(types, stream);
  }

  boolean takes(Event event) {
    return types.contains(event.type())
        && (stream == null || (event.stream() != null && event.stream().toString().equals(stream)));
  }
}
