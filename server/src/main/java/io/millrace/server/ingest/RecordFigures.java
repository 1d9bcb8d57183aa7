package io.millrace.server.ingest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a record by their names, in its order. */
final class RecordFigures {
  private RecordFigures() {}

  static Map<String, Number> of(Record figures) {
    Map<String, Number> byName = new LinkedHashMap<>();
    for (RecordComponent component : figures.getClass().getRecordComponents()) {
      try {
        if (component.getAccessor().invoke(figures) instanceof Number number) {
          byName.put(component.getName(), number);
        }
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalArgumentException("not a public record of numbers: " + figures, e);
      }
    }
    return Collections.unmodifiableMap(byName);
  }
}
