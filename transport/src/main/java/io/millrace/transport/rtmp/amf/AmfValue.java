package io.millrace.transport.rtmp.amf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A decoded AMF value: immutable, plain data, a tree (what was sent as a cycle is refused). */
public sealed interface AmfValue {
  /** A number; AMF 3 integers as well. */
  record Num(double value) implements AmfValue {}

  record Bool(boolean value) implements AmfValue {}

  record Str(String value) implements AmfValue {}

  /** Null, undefined and unsupported, which no RTMP command tells apart. */
  record Null() implements AmfValue {
    public static final AmfValue INSTANCE = new Null();
  }

  /** Properties in the order sent; a name that comes twice keeps its last value. */
  record Obj(Map<String, AmfValue> properties) implements AmfValue {
    public Obj {
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  /** An associative array: an object in all but its marker. */
  record EcmaArray(Map<String, AmfValue> properties) implements AmfValue {
    public EcmaArray {
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  record StrictArray(List<AmfValue> elements) implements AmfValue {
    public StrictArray {
      elements = List.copyOf(elements);
    }
  }

  /** Milliseconds since 1970-01-01T00:00Z; the zone that AMF 0 carries is reserved and ignored. */
  record Date(double epochMs) implements AmfValue {}

  /** The text of an XML document, never parsed. */
  record Xml(String text) implements AmfValue {}

  static AmfValue of(double value) {
    return new Num(value);
  }

  static AmfValue of(boolean value) {
    return new Bool(value);
  }

  static AmfValue of(String value) {
    return new Str(value);
  }

  /** The value as plain Java: see {@link #plain()}; the other way round. */
  static AmfValue fromPlain(@Nullable Object plain) {
    return switch (plain) {
      case null -> Null.INSTANCE;
      case AmfValue value -> value;
      case Number number -> new Num(number.doubleValue());
      case Boolean bool -> new Bool(bool);
      case CharSequence text -> new Str(text.toString());
      case Map<?, ?> map -> {
        Map<String, AmfValue> properties = new LinkedHashMap<>();
        map.forEach((key, value) -> properties.put(String.valueOf(key), fromPlain(value)));
        yield new Obj(properties);
      }
      case List<?> list -> new StrictArray(list.stream().map(AmfValue::fromPlain).toList());
      default -> throw new IllegalArgumentException("no AMF for " + plain.getClass().getName());
    };
  }

  /**
   * This value as {@code Double}, {@code Boolean}, {@code String}, unmodifiable {@code Map} or
   * {@code List}; null for {@link Null}. Nulls inside maps and lists are left out.
   */
  default @Nullable Object plain() {
    return switch (this) {
      case Num(double value) -> value;
      case Bool(boolean value) -> value;
      case Str(String value) -> value;
      case Null() -> null;
      case Obj(Map<String, AmfValue> properties) -> plainMap(properties);
      case EcmaArray(Map<String, AmfValue> properties) -> plainMap(properties);
      case StrictArray(List<AmfValue> elements) -> {
        List<Object> list = new ArrayList<>(elements.size());
        for (AmfValue element : elements) {
          Object plain = element.plain();
          if (plain != null) {
            list.add(plain);
          }
        }
        yield Collections.unmodifiableList(list);
      }
      case Date(double epochMs) -> epochMs;
      case Xml(String text) -> text;
    };
  }

  /** The properties of an object or associative array; empty for anything else. */
  default Map<String, AmfValue> asProperties() {
    return switch (this) {
      case Obj(Map<String, AmfValue> properties) -> properties;
      case EcmaArray(Map<String, AmfValue> properties) -> properties;
      case Num _, Bool _, Str _, Null _, StrictArray _, Date _, Xml _ -> Map.of();
    };
  }

  /** The text of a string; {@code otherwise} for anything else. */
  default String asText(String otherwise) {
    return this instanceof Str(String value) ? value : otherwise;
  }

  /** The value of a number; {@code otherwise} for anything else. */
  default double asNumber(double otherwise) {
    return this instanceof Num(double value) ? value : otherwise;
  }

  private static Map<String, Object> plainMap(Map<String, AmfValue> properties) {
    Map<String, Object> map = new LinkedHashMap<>();
    properties.forEach(
        (key, value) -> {
          Object plain = value.plain();
          if (plain != null) {
            map.put(key, plain);
          }
        });
    return Collections.unmodifiableMap(map);
  }
}
