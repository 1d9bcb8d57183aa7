package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.server.ProjectFiles;
import io.millrace.server.config.YamlValue.Mapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A file that means harm costs no more than reading it. */
final class YamlReaderTest {

  @Test
  void aliasesAreWhatTheyStandFor() {
    Mapping root = (Mapping) read("a: &x { b: 1 }\nc: *x\n");
    assertThat(root.entries().get("c").value()).isEqualTo(root.entries().get("a").value());
  }

  @Test
  void positionsCountFromOneInCodePoints() {
    Mapping root = (Mapping) read("a: 1\n\"𝄞\": [ x, y ]\n");
    assertThat(root.entries().get("𝄞").where()).isEqualTo(new Position("f", 2, 1));
    assertThat(root.entries().get("𝄞").value().where()).isEqualTo(new Position("f", 2, 6));
  }

  @Test
  void aBillionLaughsIsRefused() {
    StringBuilder text = new StringBuilder("a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]\n");
    for (int i = 1; i < 12; i++) {
      text.append("a%d: &a%d [ ".formatted(i, i));
      text.append("*a%d, ".formatted(i - 1).repeat(10)).append("]\n");
    }
    refused(text.toString(), "more than 20000 values");
  }

  @Test
  void anAliasOfWhatItIsInIsRefused() {
    refused("a: &a [ *a ]", "alias of an anchor that is not complete");
  }

  @Test
  void deepNestingIsRefused() {
    refused("[".repeat(500_000), "nested deeper than 16 levels");
    refused("{a: ".repeat(100), "nested deeper than 16 levels");
  }

  @Test
  void tooManyValuesAreRefused() {
    refused("[" + "x,".repeat(30_000) + "]", "more than 20000 values");
  }

  @Test
  void tooMuchTextIsRefused() {
    refused("a: " + "x".repeat(YamlReader.MAX_CODE_POINTS), "not YAML");
  }

  @Test
  void tagsSecondDocumentsAndOddKeysAreRefused() {
    refused("a: !!java/object:java.io.File [ x ]", "a tag");
    refused("a: !x y", "a tag");
    refused("a: 1\n---\nb: 2", "a second document");
    refused("? [ a ]\n: b", "a section or list cannot be a key");
  }

  @Test
  void everyCutAndEveryFlippedByteOfTheExampleIsReadOrRefused() throws IOException {
    byte[] good = Files.readAllBytes(ProjectFiles.root().resolve("millrace.example.yaml"));
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = i < 1_000 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      if (i >= 1_000) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      try {
        read(new String(bad, StandardCharsets.ISO_8859_1));
      } catch (ConfigException e) {
        assertThat(e.problems()).isNotEmpty();
      }
    }
  }

  private static YamlValue read(String text) {
    List<ConfigProblem> problems = new ArrayList<>();
    return YamlReader.read("f", true, text, problems);
  }

  private static void refused(String text, String why) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> read(text))
        .withMessageContaining(why);
  }
}
