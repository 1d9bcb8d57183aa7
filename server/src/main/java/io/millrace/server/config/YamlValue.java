package io.millrace.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A YAML document as read, before it means anything: text with positions. Scalars stay text; {@link
 * ValueType} gives them their meaning, so {@code no}, {@code 0x10} and {@code 1e3} hold no
 * surprises.
 */
sealed interface YamlValue {
  /** Where the value begins. */
  Position where();

  /**
   * @param plain written without quotes
   */
  record Scalar(Position where, String text, boolean plain) implements YamlValue {
    /** YAML 1.2 §10.2.1.1: nothing, {@code ~} or {@code null}, unquoted. */
    boolean isNull() {
      return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
    }
  }

  /** {@code [a, b]}. */
  record Sequence(Position where, List<YamlValue> items) implements YamlValue {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** {@code {a: 1, b: 2}}, in the order of the file. */
  record Mapping(Position where, SequencedMap<String, Entry> entries) implements YamlValue {

    static Mapping empty(Position where) {
      return new Mapping(where, new LinkedHashMap<>());
    }

    /** This mapping with one entry more, or another one of that name. */
    Mapping with(String name, Entry entry) {
      SequencedMap<String, Entry> changed = new LinkedHashMap<>(entries);
      changed.put(name, entry);
      return new Mapping(where, changed);
    }
  }

  /**
   * @param where of the key
   */
  record Entry(Position where, YamlValue value) {}

  /** What the value is, for a message. */
  default String kind() {
    return switch (this) {
      case Scalar scalar -> scalar.isNull() ? "nothing" : "a single value";
      case Sequence _ -> "a list";
      case Mapping _ -> "a section";
    };
  }
}
