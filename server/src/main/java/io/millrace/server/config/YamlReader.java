package io.millrace.server.config;

import io.millrace.server.config.ConfigProblem.Severity;
import io.millrace.server.config.YamlValue.Entry;
import io.millrace.server.config.YamlValue.Mapping;
import io.millrace.server.config.YamlValue.Scalar;
import io.millrace.server.config.YamlValue.Sequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One YAML 1.2 document, event by event, into {@link YamlValue}s. Works on the event stream rather
 * than on composed nodes so that depth and size are bounded while reading: nesting {@value
 * #MAX_DEPTH}, {@value #MAX_VALUES} values with every alias counted as what it stands for (no
 * "billion laughs"), {@value #MAX_CODE_POINTS} characters.
 */
final class YamlReader {
  static final int MAX_DEPTH = 16;
  static final int MAX_VALUES = 20_000;
  static final int MAX_CODE_POINTS = 1 << 20;

  private final String source;
  private final boolean lines;
  private final List<ConfigProblem> problems;
  private final Deque<Frame> open = new ArrayDeque<>();
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int values;
  private int documents;
  private @Nullable YamlValue root;

  private YamlReader(String source, boolean lines, List<ConfigProblem> problems) {
    this.source = source;
    this.lines = lines;
    this.problems = problems;
  }

  /**
   * Reads {@code text}.
   *
   * @param source its name in positions
   * @param lines whether its positions have lines and columns
   * @param problems takes what is wrong but does not end the reading
   * @return null for an empty document
   * @throws ConfigException if it is not YAML, or over a bound
   */
  static @Nullable YamlValue read(
      String source, boolean lines, String text, List<ConfigProblem> problems) {
    YamlReader reader = new YamlReader(source, lines, problems);
    LoadSettings settings =
        LoadSettings.builder().setLabel(source).setCodePointLimit(MAX_CODE_POINTS).build();
    try {
      for (Event event : new Parse(settings).parseString(text)) {
        reader.take(event);
      }
    } catch (MarkedYamlEngineException e) {
      throw reader.fatal(reader.position(e.getProblemMark()), "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw reader.fatal(reader.position(Optional.empty()), "not YAML: " + e.getMessage());
    }
    return reader.root;
  }

  private void take(Event event) {
    switch (event.getEventId()) {
      case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
      case DocumentStart -> {
        if (++documents > 1) {
          throw fatal(
              position(event.getStartMark()), "a second document: one file is one document");
        }
      }
      case MappingStart, SequenceStart -> openCollection((CollectionStartEvent) event);
      case MappingEnd, SequenceEnd -> closeCollection();
      case Scalar -> {
        ScalarEvent scalar = (ScalarEvent) event;
        refuseTag(scalar.getTag(), event);
        Position where = position(event.getStartMark());
        put(
            new Scalar(where, scalar.getValue(), scalar.isPlain()),
            1,
            1,
            scalar.getAnchor(),
            where);
      }
      case Alias -> putAlias((AliasEvent) event);
    }
  }

  private void openCollection(CollectionStartEvent event) {
    refuseTag(event.getTag(), event);
    Position where = position(event.getStartMark());
    if (open.size() >= MAX_DEPTH) {
      throw fatal(where, "nested deeper than " + MAX_DEPTH + " levels");
    }
    boolean mapping = event.getEventId() == Event.ID.MappingStart;
    Frame top = open.peek();
    if (top != null && top.entries != null && top.name == null) {
      throw fatal(where, "a section or list cannot be a key");
    }
    open.push(new Frame(where, event.getAnchor(), mapping));
  }

  private void closeCollection() {
    Frame frame = open.pop();
    YamlValue value =
        frame.entries != null
            ? new Mapping(frame.where, frame.entries)
            : new Sequence(frame.where, frame.items);
    put(value, frame.size, 1, frame.anchor, frame.where);
  }

  private void putAlias(AliasEvent event) {
    Position where = position(event.getStartMark());
    Anchored anchored = anchors.get(event.getAlias());
    if (anchored == null) {
      throw fatal(where, "alias of an anchor that is not complete: *" + event.getAlias());
    }
    put(anchored.value, anchored.size, anchored.size, Optional.empty(), where);
  }

  /**
   * @param size values that {@code value} is, itself and all in it
   * @param added of these, those not counted yet
   */
  private void put(YamlValue value, int size, int added, Optional<Anchor> anchor, Position where) {
    values += added;
    if (values > MAX_VALUES) {
      throw fatal(where, "more than " + MAX_VALUES + " values");
    }
    anchor.ifPresent(name -> anchors.put(name, new Anchored(value, size)));
    Frame top = open.peek();
    if (top == null) {
      root = value;
    } else {
      top.size += size;
      if (top.entries == null) {
        top.items.add(value);
      } else {
        putInMapping(top, value, where);
      }
    }
  }

  private void putInMapping(Frame top, YamlValue value, Position where) {
    String name = top.name;
    if (name == null) {
      if (!(value instanceof Scalar scalar)) {
        throw fatal(where, "a section or list cannot be a key");
      }
      top.name = scalar.text();
      top.nameWhere = where;
      return;
    }
    top.name = null;
    SequencedMap<String, Entry> entries = top.entries();
    Entry before = entries.putIfAbsent(name, new Entry(top.nameWhere, value));
    if (before != null) {
      problems.add(
          new ConfigProblem(
              Severity.ERROR,
              top.nameWhere,
              Text.printable(name),
              "given twice; the first is at line " + before.where().line()));
    }
  }

  private void refuseTag(Optional<String> tag, Event event) {
    if (tag.isPresent()) {
      throw fatal(
          position(event.getStartMark()), "a tag (" + tag.get() + "): tags have no use here");
    }
  }

  private Position position(Optional<Mark> mark) {
    if (!lines) {
      return new Position(source, 0, 0);
    }
    return mark.map(m -> new Position(source, m.getLine() + 1, m.getColumn() + 1))
        .orElse(new Position(source, 1, 1));
  }

  private ConfigException fatal(Position where, String text) {
    List<ConfigProblem> all = new ArrayList<>(problems);
    all.add(new ConfigProblem(Severity.ERROR, where, "", Text.printable(text)));
    return new ConfigException(all);
  }

  /** A finished value that aliases may name, and how many values it is. */
  private record Anchored(YamlValue value, int size) {}

  /** A collection that is being read. */
  private static final class Frame {
    final Position where;
    final Optional<Anchor> anchor;
    final @Nullable SequencedMap<String, Entry> entries;
    final List<YamlValue> items = new ArrayList<>();
    int size = 1;
    @Nullable String name;
    Position nameWhere = Position.NONE;

    Frame(Position where, Optional<Anchor> anchor, boolean mapping) {
      this.where = where;
      this.anchor = anchor;
      this.entries = mapping ? new LinkedHashMap<>() : null;
    }

    SequencedMap<String, Entry> entries() {
      if (entries == null) {
        throw new IllegalStateException("not a mapping");
      }
      return entries;
    }
  }
}
