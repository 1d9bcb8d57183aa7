package io.millrace.server.config;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of one occurrence of a {@link Group}, typed and in range; defaults stand in for what
 * was not given. Filled by {@link SchemaReader}.
 */
final class Values {
  private final Position where;
  private final Map<Key<?>, Given> given = new IdentityHashMap<>();
  private final Map<Group, List<Member>> members = new IdentityHashMap<>();

  Values(Position where) {
    this.where = where;
  }

  /** One occurrence of a repeated group. */
  record Member(String name, Position where, Values values) {}

  /**
   * @param value or the list of them; null where it did not keep its rule
   */
  private record Given(@Nullable Object value, Position where) {}

  void put(Key<?> key, Object value, Position at) {
    given.put(key, new Given(value, at));
  }

  void add(Group group, Member member) {
    members.computeIfAbsent(group, _ -> new ArrayList<>()).add(member);
  }

  /** Notes that {@code key} was given, with a value that cannot be used. */
  void putUnusable(Key<?> key, Position at) {
    given.put(key, new Given(null, at));
  }

  /** Whether it stands in the file, usable or not. */
  boolean isGiven(Key<?> key) {
    return given.containsKey(key);
  }

  /** Where {@code key} was given, else where this occurrence begins. */
  Position where(Key<?> key) {
    Given value = given.get(key);
    return value == null ? where : value.where;
  }

  /** The value of a key that has a default. */
  <T> T get(Key<T> key) {
    T value = find(key);
    return value == null ? key.defaultValue() : value;
  }

  /** The value as given; null where it was not, or cannot be used. */
  @SuppressWarnings("unchecked") // put() is given what the key's own type read
  <T> @Nullable T find(Key<T> key) {
    Given value = given.get(key);
    return value == null ? null : (T) value.value;
  }

  /** The items of a list; empty where it was not given. */
  @SuppressWarnings("unchecked") // put() is given what the key's own type read
  <T> List<T> list(Key<T> key) {
    Given value = given.get(key);
    return value == null || value.value == null ? List.of() : (List<T>) value.value;
  }

  /** Every occurrence of {@code group}, in order. */
  List<Member> members(Group group) {
    return members.getOrDefault(group, List.of());
  }
}
