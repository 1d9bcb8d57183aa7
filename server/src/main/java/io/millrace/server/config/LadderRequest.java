package io.millrace.server.config;

import io.millrace.server.config.ConfigProblem.Severity;
import io.millrace.server.config.Values.Member;
import io.millrace.server.config.YamlValue.Entry;
import io.millrace.server.config.YamlValue.Mapping;
import io.millrace.server.config.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.List;

/**
 * A ladder that somebody asks for while a stream is live: one of the configuration, or one written
 * out as in the configuration file, whose rules it keeps.
 */
public sealed interface LadderRequest {
  /** One of the configuration, which may not be there. */
  record Named(String name) implements LadderRequest {}

  /**
   * One of its own.
   *
   * @param givesSegment whether it says how long segments are, rather than leave it open
   * @param givesPart the same of parts
   */
  record Inline(LadderConfig ladder, boolean givesSegment, boolean givesPart)
      implements LadderRequest {}

  /**
   * Reads {@code {"ladder": "NAME"}} or {@code {"video": […], …}}.
   *
   * @param text JSON, or YAML, which JSON is a part of
   * @throws ConfigException with every error found
   */
  static LadderRequest read(String text) {
    List<ConfigProblem> problems = new ArrayList<>();
    YamlValue read = YamlReader.read("", false, text, problems);
    Mapping body = read instanceof Mapping mapping ? mapping : Mapping.empty(Position.NONE);
    Entry named = body.entries().get("ladder");
    if (!(read instanceof Mapping)) {
      problems.add(ConfigProblem.of("", "is no JSON object with a ladder"));
    } else if (named != null) {
      if (body.entries().size() > 1) {
        problems.add(ConfigProblem.of("ladder", "names a ladder, so nothing else is given"));
      }
      if (named.value() instanceof Scalar scalar && !scalar.isNull() && problems.isEmpty()) {
        return new Named(scalar.text());
      }
      if (!(named.value() instanceof Scalar)) {
        problems.add(ConfigProblem.of("ladder", "is the name of a ladder"));
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    Values values = new SchemaReader(problems).readLadder(body);
    LadderConfig ladder =
        new ConfigBuilder(problems).ladder(new Member("", Position.NONE, values), "");
    if (problems.stream().anyMatch(problem -> problem.severity() == Severity.ERROR)) {
      throw new ConfigException(problems);
    }
    return new Inline(ladder, values.isGiven(Schema.SEGMENT), values.isGiven(Schema.PART));
  }
}
