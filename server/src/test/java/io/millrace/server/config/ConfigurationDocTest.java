package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The papers about configuration say what the code does. */
final class ConfigurationDocTest {

  @Test
  void theReferenceIsTheOneOfTheSchema() throws IOException {
    Path file = ProjectFiles.root().resolve("docs/configuration.md");
    if ("write".equals(System.getProperty("millrace.docs"))) {
      Files.writeString(file, ConfigReference.markdown());
    }
    assertThat(Files.readString(file))
        .as("%s is stale; its head says how to write it again", file)
        .isEqualTo(ConfigReference.markdown());
  }

  @Test
  void theAnnotatedExampleIsValidAndAsksForNothingThatIsIgnored() {
    ConfigLoader.Loaded loaded = ConfigLoader.load(example(), List.of());
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void theAnnotatedExampleIsTheDefaultsWhereItSaysSo() {
    Config example = ConfigLoader.load(example(), List.of()).config();
    Config defaults = Config.defaults();
    assertThat(example.listen()).isEqualTo(defaults.listen());
    assertThat(example.limits()).isEqualTo(defaults.limits());
    assertThat(example.log()).isEqualTo(defaults.log());
    assertThat(example.dataDir()).isEqualTo(defaults.dataDir());
    assertThat(example.ladders()).containsEntry("standard", defaults.ladders().get("standard"));
  }

  @Test
  void everyKeyOfThisVersionIsInTheAnnotatedExample() throws IOException {
    String text = Files.readString(example());
    List<String> missing = new ArrayList<>();
    collectMissing(Schema.ROOT, text, missing);
    assertThat(missing).isEmpty();
  }

  private static void collectMissing(Group group, String text, List<String> missing) {
    for (SchemaItem item : group.items()) {
      switch (item) {
        case Group inner -> collectMissing(inner, text, missing);
        case Key<?> key -> {
          String last = key.path().substring(key.path().lastIndexOf('.') + 1);
          if (!text.contains(last + ":")) {
            missing.add(key.path());
          }
        }
      }
    }
  }

  private static Path example() {
    return ProjectFiles.root().resolve("millrace.example.yaml");
  }
}
