package io.millrace.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.ProjectFiles;
import io.millrace.server.event.EventType;
import io.millrace.server.event.Events;
import io.millrace.server.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** {@code docs/api.md} says what there is. */
final class ApiDocTest {
  private static final String BEGIN =
      "<!-- types: written by ApiDocTest, with -Dmillrace.docs=write -->\n";
  private static final String END = "<!-- /types -->";

  private static String table() {
    StringBuilder table = new StringBuilder("| type | tells that |\n|---|---|\n");
    for (EventType type : EventType.values()) {
      table.append("| `").append(type.word()).append("` | ").append(type.help()).append(" |\n");
    }
    return table.toString();
  }

  @Test
  void theTypesOfEventsAreThoseThatThereAre() throws IOException {
    Path file = ProjectFiles.root().resolve("docs/api.md");
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(begin).isBetween(BEGIN.length(), end);
    if ("write".equals(System.getProperty("millrace.docs"))) {
      Files.writeString(file, text.substring(0, begin) + table() + text.substring(end));
    }
    assertThat(Files.readString(file)).contains(BEGIN + table() + END);
  }

  @Test
  void everyRouteIsNamed() throws IOException {
    String text = Files.readString(ProjectFiles.root().resolve("docs/api.md"));
    Events events = new Events(InstantSource.system(), System::nanoTime);
    for (AdminRoute route : new AdminRoutes(new EmptyView(), new Metrics("1"), events).routes()) {
      String named =
          route
              .template()
              .replace("{app}/{name}", "APP/NAME")
              .replace("{language}", "LANG")
              .replace("{id}", "ID");
      if (!named.startsWith("/admin/")) {
        assertThat(text).as(named).containsAnyOf(named, named.replace("/api/v1/", "…/"));
      }
    }
  }
}
