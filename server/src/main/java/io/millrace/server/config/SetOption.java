package io.millrace.server.config;

import io.millrace.server.config.ConfigProblem.Severity;
import io.millrace.server.config.YamlValue.Entry;
import io.millrace.server.config.YamlValue.Mapping;
import io.millrace.server.config.YamlValue.Scalar;
import io.millrace.server.config.YamlValue.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code --set a.b.c=value} of the command line, put into the YAML tree before it is checked. The
 * path is dotted; a name that holds a dot stands in double quotes, an item of a list is {@code
 * video[1]}. The value is plain text, or a list or section where it begins with {@code [} or {@code
 * {}.
 */
final class SetOption {
  private static final Pattern STEP =
      Pattern.compile("(?:\"([^\"]+)\"|([^.\"\\[\\]=]+))((?:\\[[0-9]{1,3}])*)(\\.|$)");
  private static final Pattern INDEX = Pattern.compile("\\[([0-9]+)]");

  private final Position where;
  private final List<Step> steps;
  private final YamlValue value;

  /** A step down: by name, or by place in a list. */
  private sealed interface Step {
    record Name(String name) implements Step {}

    record Index(int index) implements Step {}
  }

  private SetOption(Position where, List<Step> steps, YamlValue value) {
    this.where = where;
    this.steps = steps;
    this.value = value;
  }

  /** Puts {@code option} into {@code root}; a problem is added where that cannot be done. */
  static Mapping apply(String option, Mapping root, List<ConfigProblem> problems) {
    int equals = option.indexOf('=');
    String path = equals < 0 ? option : option.substring(0, equals);
    Position where = new Position("--set", 0, 0);
    List<Step> steps = steps(path);
    if (equals < 0 || steps.isEmpty()) {
      problems.add(
          new ConfigProblem(Severity.ERROR, where, Text.printable(path), "is not a.b.c=value"));
      return root;
    }
    YamlValue value = value(option.substring(equals + 1).strip(), where, problems);
    try {
      return (Mapping) new SetOption(where, steps, value).put(root, 0);
    } catch (IllegalArgumentException e) {
      problems.add(
          new ConfigProblem(
              Severity.ERROR, where, Text.printable(path), String.valueOf(e.getMessage())));
      return root;
    }
  }

  private static YamlValue value(String text, Position where, List<ConfigProblem> problems) {
    if (text.startsWith("[") || text.startsWith("{")) {
      YamlValue read = YamlReader.read(where.source(), false, text, problems);
      if (read != null) {
        return read;
      }
    }
    return new Scalar(where, text, true);
  }

  private static List<Step> steps(String path) {
    List<Step> steps = new ArrayList<>();
    Matcher step = STEP.matcher(path);
    int end = 0;
    while (end < path.length() && step.region(end, path.length()).lookingAt()) {
      steps.add(new Step.Name(step.group(1) != null ? step.group(1) : step.group(2)));
      Matcher index = INDEX.matcher(step.group(3));
      while (index.find()) {
        steps.add(new Step.Index(Integer.parseInt(index.group(1))));
      }
      end = step.end();
    }
    return end == path.length() && !path.endsWith(".") ? steps : List.of();
  }

  private YamlValue put(YamlValue in, int depth) {
    if (depth == steps.size()) {
      return value;
    }
    return switch (steps.get(depth)) {
      case Step.Name(String name) -> putNamed(in, name, depth);
      case Step.Index(int index) -> putAt(in, index, depth);
    };
  }

  private YamlValue putNamed(YamlValue in, String name, int depth) {
    Mapping mapping =
        switch (in) {
          case Mapping given -> given;
          case Scalar scalar when scalar.isNull() -> Mapping.empty(where);
          case Scalar _, Sequence _ ->
              throw new IllegalArgumentException(
                  Text.quoted(name) + " is looked for in " + in.kind());
        };
    Entry before = mapping.entries().get(name);
    YamlValue inner = before == null ? Mapping.empty(where) : before.value();
    Position at = before == null || depth == steps.size() - 1 ? where : before.where();
    return mapping.with(name, new Entry(at, put(inner, depth + 1)));
  }

  private YamlValue putAt(YamlValue in, int index, int depth) {
    if (!(in instanceof Sequence sequence) || index >= sequence.items().size()) {
      throw new IllegalArgumentException("there is no item [" + index + "]");
    }
    List<YamlValue> items = new ArrayList<>(sequence.items());
    items.set(index, put(items.get(index), depth + 1));
    return new Sequence(sequence.where(), items);
  }
}
