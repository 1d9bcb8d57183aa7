package io.millrace.server.config;

import io.millrace.server.config.ConfigProblem.Severity;
import io.millrace.server.config.Group.Branch;
import io.millrace.server.config.Group.Leaf;
import io.millrace.server.config.Group.Node;
import io.millrace.server.config.YamlValue.Entry;
import io.millrace.server.config.YamlValue.Mapping;
import io.millrace.server.config.YamlValue.Scalar;
import io.millrace.server.config.YamlValue.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a YAML tree by the {@link Schema}: typed {@link Values}, and a problem for each thing that
 * does not keep its rule. Goes on after a problem, so that one run finds them all.
 */
final class SchemaReader {
  private final List<ConfigProblem> problems;

  SchemaReader(List<ConfigProblem> problems) {
    this.problems = problems;
  }

  /** Reads the whole file. */
  Values read(Mapping root) {
    return readGroup(Schema.ROOT, root, "");
  }

  /** Reads one ladder alone. */
  Values readLadder(Mapping ladder) {
    return readGroup(Schema.LADDERS, ladder, "");
  }

  private Values readGroup(Group group, YamlValue value, String path) {
    Values values = new Values(value.where());
    readBranch(group.tree(), value, path, values);
    for (SchemaItem item : group.items()) {
      if (item instanceof Key<?> key && key.required() && !values.isGiven(key)) {
        error(value.where(), join(path, key.path()), "is missing: " + key.help());
      }
    }
    return values;
  }

  private void readBranch(Branch branch, YamlValue value, String path, Values values) {
    if (value instanceof Scalar scalar && scalar.isNull()) {
      return;
    }
    if (!(value instanceof Mapping mapping)) {
      error(value.where(), path, "is " + value.kind() + ", where a section is expected");
      return;
    }
    for (Map.Entry<String, Entry> named : mapping.entries().entrySet()) {
      String name = named.getKey();
      Entry entry = named.getValue();
      Node node = branch.children().get(name);
      String at = join(path, name);
      switch (node) {
        case null -> error(entry.where(), at, unknown(name, path, branch));
        case Branch inner -> readBranch(inner, entry.value(), at, values);
        case Leaf(Key<?> key) -> readKey(key, entry, at, values);
        case Leaf(Group group) -> readMembers(group, entry, at, values);
      }
    }
  }

  private void readMembers(Group group, Entry entry, String path, Values values) {
    YamlValue value = entry.value();
    if (value instanceof Scalar scalar && scalar.isNull()) {
      return;
    }
    switch (group.repeat()) {
      case ONCE -> throw new IllegalStateException("only the root occurs once");
      case BY_NAME -> readNamed(group, value, path, values);
      case LIST -> {
        if (!(value instanceof Sequence sequence)) {
          error(value.where(), path, "is " + value.kind() + ", where a list is expected");
          return;
        }
        if (sequence.items().size() > group.maxMembers()) {
          error(value.where(), path, "has more than " + group.maxMembers() + " items");
        }
        for (int i = 0; i < sequence.items().size(); i++) {
          YamlValue item = sequence.items().get(i);
          String at = path + "[" + i + "]";
          if (item instanceof Scalar scalar && !scalar.isNull() && group.shorthand() != null) {
            Values alone = new Values(item.where());
            readKey(group.shorthand(), new Entry(item.where(), item), at, alone);
            values.add(group, new Values.Member(at, item.where(), alone));
            continue;
          }
          if (!(item instanceof Mapping)) {
            error(item.where(), at, "is " + item.kind() + ", where a section is expected");
            continue;
          }
          values.add(group, new Values.Member(at, item.where(), readGroup(group, item, at)));
        }
      }
    }
  }

  private void readNamed(Group group, YamlValue value, String path, Values values) {
    if (!(value instanceof Mapping mapping)) {
      error(value.where(), path, "is " + value.kind() + ", where a section is expected");
      return;
    }
    if (mapping.entries().size() > group.maxMembers()) {
      error(value.where(), path, "has more than " + group.maxMembers() + " entries");
    }
    for (Map.Entry<String, Entry> named : mapping.entries().entrySet()) {
      Entry entry = named.getValue();
      String at = join(path, named.getKey());
      ValueType<?> type = group.nameType();
      if (type != null && read(type, named.getKey()) == null) {
        error(entry.where(), path, Text.quoted(named.getKey()) + " is not " + type.rule());
        continue;
      }
      values.add(
          group,
          new Values.Member(named.getKey(), entry.where(), readGroup(group, entry.value(), at)));
    }
  }

  private <T> void readKey(Key<T> key, Entry entry, String path, Values values) {
    YamlValue value = entry.value();
    values.putUnusable(key, value.where());
    if (!key.list()) {
      T read = readScalar(key, value, path);
      if (read != null) {
        values.put(key, read, value.where());
      }
      return;
    }
    if (!(value instanceof Sequence sequence)) {
      error(value.where(), path, "is " + value.kind() + ", where a list is expected: [ … ]");
      return;
    }
    if (sequence.items().size() > key.maxItems()) {
      error(value.where(), path, "has more than " + key.maxItems() + " items");
      return;
    }
    List<T> items = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      T read = readScalar(key, sequence.items().get(i), path + "[" + i + "]");
      if (read != null) {
        items.add(read);
      }
    }
    if (items.size() == sequence.items().size()) {
      values.put(key, List.copyOf(items), value.where());
    }
  }

  private <T> @Nullable T readScalar(Key<T> key, YamlValue value, String path) {
    ValueType<T> type = key.type();
    if (!(value instanceof Scalar scalar)) {
      error(value.where(), path, "is " + value.kind() + ", where a single value is expected");
      return null;
    }
    if (scalar.isNull()) {
      error(value.where(), path, "has no value; it takes " + type.rule());
      return null;
    }
    if (scalar.text().contains("${secret:")) {
      error(
          value.where(),
          path,
          "${secret:…} cannot be resolved: encrypted values are not available in this version");
      return null;
    }
    T read = read(type, scalar.text());
    if (read == null) {
      String what = type.secret() ? "the value" : Text.quoted(scalar.text());
      String near = Text.nearest(scalar.text(), type.words());
      error(
          value.where(),
          path,
          what + " is not " + type.rule() + (near == null ? "" : "; did you mean " + near + "?"));
    }
    return read;
  }

  private static <T> @Nullable T read(ValueType<T> type, String text) {
    try {
      return type.reader().read(text);
    } catch (IllegalArgumentException | ArithmeticException _) {
      return null;
    }
  }

  private static String unknown(String name, String path, Branch branch) {
    String near = Text.nearest(name, branch.children().keySet());
    if (near != null) {
      return "unknown key; did you mean " + join(path, near) + "?";
    }
    for (SchemaItem item : Schema.ROOT.items()) {
      if (item.path().endsWith("." + name)) {
        return "unknown key; did you mean " + item.path() + "?";
      }
    }
    return "unknown key; known here: "
        + String.join(", ", new TreeSet<>(branch.children().keySet()));
  }

  private void error(Position where, String path, String text) {
    problems.add(new ConfigProblem(Severity.ERROR, where, Text.printable(path), text));
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
