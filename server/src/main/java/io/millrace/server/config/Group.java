package io.millrace.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of keys: the whole file, or what is repeated in it, by name ({@code streams}, {@code
 * ladders}) or in a list ({@code video}).
 *
 * @param path dotted, within the group around it; empty for the root
 * @param repeat how often it occurs
 * @param placeholder what stands for its name in documentation ({@code PATTERN}); empty without
 * @param nameType of its names; null unless repeated by name
 * @param maxMembers how often it may occur
 * @param items keys and groups in it, in the order of the documentation
 * @param shorthand of a list: the key that an item without keys is the value of; null: none
 * @param help one line, without a final dot
 */
record Group(
    String path,
    Repeat repeat,
    String placeholder,
    @Nullable ValueType<?> nameType,
    int maxMembers,
    List<SchemaItem> items,
    @Nullable Key<?> shorthand,
    String help)
    implements SchemaItem {

  Group {
    items = List.copyOf(items);
  }

  /** How often a group occurs. */
  enum Repeat {
    ONCE,
    BY_NAME,
    LIST
  }

  static Group root(List<SchemaItem> items) {
    return new Group("", Repeat.ONCE, "", null, 1, items, null, "");
  }

  static Group byName(
      String path,
      String placeholder,
      ValueType<?> nameType,
      int maxMembers,
      List<SchemaItem> items,
      String help) {
    return new Group(path, Repeat.BY_NAME, placeholder, nameType, maxMembers, items, null, help);
  }

  static Group list(String path, int maxMembers, List<SchemaItem> items, String help) {
    return new Group(path, Repeat.LIST, "", null, maxMembers, items, null, help);
  }

  /** The same, where an item may be the value of {@code key} alone. */
  Group orJust(Key<?> key) {
    return new Group(path, repeat, placeholder, nameType, maxMembers, items, key, help);
  }

  /** The items by path segment. */
  Branch tree() {
    Branch tree = new Branch(new LinkedHashMap<>());
    for (SchemaItem item : items) {
      String[] segments = item.path().split("\\.", -1);
      Branch branch = tree;
      for (int i = 0; i < segments.length - 1; i++) {
        if (branch.children.computeIfAbsent(segments[i], _ -> new Branch(new LinkedHashMap<>()))
            instanceof Branch inner) {
          branch = inner;
        } else {
          throw new IllegalStateException(item.path() + " lies within a key");
        }
      }
      branch.children.put(segments[segments.length - 1], new Leaf(item));
    }
    return tree;
  }

  /** A place in the tree of path segments. */
  sealed interface Node {}

  /** A key or a group. */
  record Leaf(SchemaItem item) implements Node {}

  /** A section that only holds others. */
  record Branch(SequencedMap<String, Node> children) implements Node {}
}
