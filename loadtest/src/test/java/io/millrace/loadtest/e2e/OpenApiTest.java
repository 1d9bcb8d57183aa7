package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.millrace.loadtest.browser.Browser;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the admin API against a server that is up, and against a linter of others. */
class OpenApiTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LADDER =
      """
      segment: 1s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
        - { name: 1080p, codec: h264, height: 1080, bitrate: 5000k }
      """;

  @TempDir Path folder;

  private RunningServer server;
  private JsonNode document;

  @Test
  void whatARunningServerAnswersIsWhatItDescribes() throws IOException {
    server =
        RunningServer.start(
            folder,
            LADDER,
            Map.of("*/*", List.of("record: { to: \"" + folder.resolve("rec") + "\" }")),
            "transcode: { isolation: process }\n");
    try (RunningServer _ = server) {
      document = new ObjectMapper().readTree(Web.text(server.admin("/api/v1/openapi.json")));
      try (Program publisher =
          Publisher.ffmpegEncode(
              Publisher.testPicture(320, 180, 25),
              Publisher.h264(12, 300),
              server.rtmp("/live/a"))) {
        server.hls("a").fedBy(publisher).awaitVariants(2, LIMIT);
        Await.until(
            "its encoder and its recording are there",
            LIMIT,
            () ->
                Web.text(server.admin("/api/v1/streams"))
                    .matches("(?s).*\"encoder\":\\{.*\"recording\":\\{.*"));
        String of = "/api/v1/streams/{app}/{name}";
        assertThat(text("GET", of, "live/a", 200, ""))
            .contains("\"encoder\":{", "\"decoder\":{", "\"worker\":{", "\"recording\":{")
            .contains("\"leftOut\":[{\"name\":\"1080p\"");
        text("GET", of, "live/nobody", 404, "");
        text("GET", "/api/v1/streams", "", 200, "");
        text("GET", "/api/v1/sessions", "", 200, "");
        text("POST", "/api/v1/reload", "", 200, "");
        String ladder = of + "/ladder";
        text("PUT", ladder, "live/a", 200, "{\"ladder\":\"test\"}");
        text("PUT", ladder, "live/a", 422, "{\"ladder\":\"nobody\"}");
        text("PUT", ladder, "live/nobody", 404, "{\"ladder\":\"test\"}");
        text(
            "PUT",
            ladder,
            "live/a",
            409,
            "{\"segment\":\"3s\",\"video\":[{\"name\":\"source\",\"passthrough\":true}]}");
        text("DELETE", ladder, "live/a", 200, "");
        text("DELETE", "/api/v1/sessions/{id}", "nobody", 404, "");
        String events = "/api/v1/events";
        try (EventClient client = EventClient.listen(server.admin(events + "?last=1024"), "")) {
          client.await("ladder.reset", LIMIT);
          assertThat(client.raw)
              .hasSizeGreaterThan(5)
              .allSatisfy(event -> assertThat(problems("Event", event)).isEmpty());
        }
      }
      server.reload(yaml -> yaml + "nonsense: 1\n");
      Await.until(
          "the wrong configuration is there",
          LIMIT,
          () -> Web.text(server.admin("/metrics")).contains("result=\"refused\"} 1"));
      text("POST", "/api/v1/reload", "", 422, "");
    }
  }

  /** Sends a request, and holds the reply against the description. */
  private String text(String method, String template, String named, int status, String body) {
    String path = named.isEmpty() ? template : template.replaceFirst("\\{.*}", named);
    HttpResponse<byte[]> reply =
        Web.send(method, server.admin(path), body.isEmpty() ? "" : "application/json", body);
    String text = new String(reply.body(), StandardCharsets.UTF_8);
    assertThat(reply.statusCode()).as(method + " " + path + ": " + text).isEqualTo(status);
    JsonNode response =
        document
            .path("paths")
            .path(template)
            .path(method.toLowerCase(Locale.ROOT))
            .path("responses")
            .path("" + status);
    String reference = response.path("$ref").asText("");
    JsonNode found = reference.isEmpty() ? response : document.at(reference.substring(1));
    String type = reply.headers().firstValue("content-type").orElse("");
    String schema = found.path("content").path(type).path("schema").path("$ref").asText("");
    assertThat(schema).as("%s %s %d %s", method, template, status, type).isNotEmpty();
    assertThat(problems(schema.substring(schema.lastIndexOf('/') + 1), text)).as(text).isEmpty();
    return text;
  }

  private List<String> problems(String schema, String json) {
    String located = "https://openapi.invalid/doc";
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("$id", located);
    root.put("$ref", "#/components/schemas/" + schema);
    root.set("components", document.get("components"));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(SchemaLocation.of(located), root)
        .validate(json, InputFormat.JSON)
        .stream()
        .map(Object::toString)
        .toList();
  }

  @Test
  void itIsOpenApi() throws IOException {
    Tool node = Tool.require("node");
    Optional<Path> modules = Browser.modules();
    if (modules.isEmpty()) {
      Tool.missing("the linter of OpenAPI comes from npm");
    }
    Path file = folder.resolve("openapi.json");
    try (var in = OpenApiTest.class.getResourceAsStream("/io/millrace/server/admin/openapi.json")) {
      Files.write(file, in.readAllBytes());
    }
    String linter =
        modules.orElseThrow().resolve("node_modules/@redocly/cli/bin/cli.js").toString();
    assertThat(lint(node, linter, file).log()).anyMatch(line -> line.contains("is valid"));
    Files.writeString(file, Files.readString(file).replace("\"responses\":", "\"answers\":"));
    assertThat(lint(node, linter, file).exitCode()).as("what is wrong is found").isNotZero();
  }

  private static Program.Result lint(Tool node, String linter, Path file) {
    return Program.run(
        List.of(
            "env",
            "REDOCLY_TELEMETRY=off",
            "REDOCLY_SUPPRESS_UPDATE_NOTICE=true",
            node.path().toString(),
            linter,
            "lint",
            "--extends=spec",
            file.toString()),
        LIMIT);
  }
}
