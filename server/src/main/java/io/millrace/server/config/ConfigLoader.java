package io.millrace.server.config;

import io.millrace.server.config.ConfigProblem.Severity;
import io.millrace.server.config.YamlValue.Entry;
import io.millrace.server.config.YamlValue.Mapping;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From a file and {@code --set} options to a {@link Config}. */
public final class ConfigLoader {
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final String STANDARD_LADDER = "standard-ladder.yaml";

  private ConfigLoader() {}

  /**
   * A configuration that can be run.
   *
   * @param warnings what it asks for and will not get, in the order of the file
   */
  public record Loaded(Config config, List<ConfigProblem> warnings) {
    public Loaded {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Loads, checks and completes.
   *
   * @param file null for the defaults
   * @param sets {@code a.b.c=value}, later ones over earlier ones over the file
   * @throws ConfigException with every error found
   */
  public static Loaded load(@Nullable Path file, List<String> sets) {
    List<ConfigProblem> problems = new ArrayList<>();
    Mapping root = Mapping.empty(new Position(file == null ? "" : file.toString(), 0, 0));
    if (file != null) {
      YamlValue read = YamlReader.read(file.toString(), true, readFile(file), problems);
      if (read instanceof Mapping mapping) {
        root = mapping;
      } else if (read != null) {
        problems.add(
            new ConfigProblem(
                Severity.ERROR, read.where(), "", "is " + read.kind() + ", not a configuration"));
      }
    }
    root = withStandardLadder(root);
    for (String set : sets) {
      root = SetOption.apply(set, root, problems);
    }
    Values values = new SchemaReader(problems).read(root);
    Config config = new ConfigBuilder(problems).build(values);
    problems.sort(
        Comparator.comparing((ConfigProblem p) -> p.where().line() == 0)
            .thenComparing(p -> p.where().line())
            .thenComparing(p -> p.where().column()));
    if (problems.stream().anyMatch(p -> p.severity() == Severity.ERROR)) {
      throw new ConfigException(problems);
    }
    return new Loaded(config, problems);
  }

  /** The YAML text of the built-in ladder. */
  static String standardLadderText() {
    try (InputStream in = ConfigLoader.class.getResourceAsStream(STANDARD_LADDER)) {
      if (in == null) {
        throw new IllegalStateException(STANDARD_LADDER + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the built-in ladder unless one of that name is there. */
  private static Mapping withStandardLadder(Mapping root) {
    Entry given = root.entries().get("ladders");
    YamlValue ladders = given == null ? Mapping.empty(root.where()) : given.value();
    if (ladders instanceof YamlValue.Scalar scalar && scalar.isNull()) {
      ladders = Mapping.empty(scalar.where());
    }
    if (!(ladders instanceof Mapping named) || named.entries().containsKey("standard")) {
      return root;
    }
    List<ConfigProblem> none = new ArrayList<>();
    YamlValue builtIn = YamlReader.read("built-in", false, standardLadderText(), none);
    Entry standard = entry(entry(builtIn, "ladders").value(), "standard");
    Position where = given == null ? root.where() : given.where();
    return root.with("ladders", new Entry(where, named.with("standard", standard)));
  }

  private static Entry entry(@Nullable YamlValue in, String name) {
    Entry entry = in instanceof Mapping mapping ? mapping.entries().get(name) : null;
    if (entry == null) {
      throw new IllegalStateException("no " + name + " in " + STANDARD_LADDER);
    }
    return entry;
  }

  private static String readFile(Path file) {
    Position where = new Position(file.toString(), 0, 0);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes((int) MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw unreadable(where, "is larger than 1 MiB");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException _) {
      throw unreadable(where, "no such file");
    } catch (AccessDeniedException _) {
      throw unreadable(where, "may not be read by this user");
    } catch (CharacterCodingException _) {
      throw unreadable(where, "is not UTF-8 text");
    } catch (IOException e) {
      throw unreadable(where, "cannot be read: " + e.getMessage());
    }
  }

  private static ConfigException unreadable(Position where, String text) {
    return new ConfigException(List.of(new ConfigProblem(Severity.ERROR, where, "", text)));
  }
}
