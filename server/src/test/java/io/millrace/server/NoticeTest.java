package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** NOTICE names every library that the bundle carries, in the version that it carries. */
final class NoticeTest {
  private static final Pattern JAR = Pattern.compile("([A-Za-z0-9_-]+?)-(\\d[^/]*)\\.jar");
  private static final Pattern CLASSIFIER =
      Pattern.compile("-(linux|osx|windows)-[a-z0-9_]+(-gpl)?$");

  @Test
  void everyBundledLibraryIsNamedWithItsVersion() throws IOException {
    Path classpath = ProjectFiles.root().resolve("server/target/bundled.classpath");
    Assumptions.assumeTrue(
        Files.exists(classpath) || System.getenv("CI") != null,
        "skipped: server/target/bundled.classpath is written by Maven only");
    String notice = Files.readString(ProjectFiles.root().resolve("NOTICE"));
    List<String> missing = new ArrayList<>();
    int libraries = 0;
    for (String entry : Files.readString(classpath).split(File.pathSeparator)) {
      Matcher jar = JAR.matcher(Path.of(entry.strip()).getFileName().toString());
      if (!jar.matches() || jar.group(1).startsWith("millrace-")) {
        continue;
      }
      libraries++;
      String version = CLASSIFIER.matcher(jar.group(2)).replaceFirst("");
      if (!notice.matches("(?s).*\\b" + Pattern.quote(jar.group(1)) + "\\b.*")
          || !notice.contains(" " + version)) {
        missing.add(jar.group(1) + " " + version);
      }
    }
    assertThat(missing).isEmpty();
    assertThat(libraries).isGreaterThan(20);
  }

  @Test
  void everyVendoredScriptIsNamedWithItsVersion() throws IOException {
    String notice = Files.readString(ProjectFiles.root().resolve("NOTICE"));
    Path vendor =
        ProjectFiles.root().resolve("server/src/main/resources/io/millrace/server/ui/vendor");
    try (Stream<Path> files = Files.walk(vendor)) {
      List<Path> scripts = files.filter(f -> f.toString().endsWith(".js")).toList();
      assertThat(scripts).isNotEmpty();
      for (Path script : scripts) {
        String library = script.getFileName().toString().replaceFirst("[.](min[.])?js$", "");
        Matcher version =
            Pattern.compile("(?m)^" + Pattern.quote(library) + "[.]js (\\d+[.]\\d+[.]\\d+)")
                .matcher(notice);
        assertThat(version.find()).as("%s in NOTICE", script.getFileName()).isTrue();
        assertThat(Files.readString(script)).contains("\"" + version.group(1) + "\"");
      }
    }
  }

  @Test
  void theDefaultBundleIsPlainlySaidToBeGpl() throws IOException {
    assertThat(Files.readString(ProjectFiles.root().resolve("NOTICE")))
        .contains("THE DEFAULT BUNDLE IS GPL AS A WHOLE", "x264", "mvn -Plgpl");
    assertThat(Files.readString(ProjectFiles.root().resolve("README.md")))
        .contains("GPL", "-Plgpl");
    assertThat(Files.readString(ProjectFiles.root().resolve("LICENSE")))
        .contains("Apache License", "Version 2.0, January 2004");
  }
}
