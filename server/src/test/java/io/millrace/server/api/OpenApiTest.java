package io.millrace.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.millrace.server.event.EventType;
import io.millrace.server.event.Events;
import io.millrace.server.metrics.Metrics;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The description of the API says what the server has, and nothing else. */
final class OpenApiTest {
  private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch");

  /** The description as it is served. */
  static JsonNode document() {
    try (InputStream in =
        OpenApiTest.class.getResourceAsStream("/io/millrace/server/admin/openapi.json")) {
      return new ObjectMapper().readTree(in);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** One of its schemas, with all that it refers to. */
  static Schema schema(String name) {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    String located = "https://openapi.invalid/doc";
    com.fasterxml.jackson.databind.node.ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("$id", located);
    root.put("$ref", "#/components/schemas/" + name);
    root.set("components", document().get("components"));
    return registry.getSchema(SchemaLocation.of(located), root);
  }

  static List<String> problems(String schema, String json) {
    return schema(schema).validate(json, InputFormat.JSON).stream().map(Object::toString).toList();
  }

  private static List<AdminRoute> routes() {
    return new AdminRoutes(
            new EmptyView(), new Metrics("1"), new Events(InstantSource.system(), System::nanoTime))
        .routes();
  }

  @Test
  void itDescribesTheRoutesThatThereAreAndNoOthers() {
    Map<String, TreeSet<String>> served = new TreeMap<>();
    for (AdminRoute route : routes()) {
      served
          .computeIfAbsent(route.template(), _ -> new TreeSet<>())
          .addAll(route.methods().stream().map(it -> it.toLowerCase(Locale.ROOT)).toList());
    }
    Map<String, TreeSet<String>> described = new TreeMap<>();
    document()
        .get("paths")
        .properties()
        .forEach(
            path -> {
              TreeSet<String> methods = new TreeSet<>();
              path.getValue().fieldNames().forEachRemaining(methods::add);
              methods.retainAll(METHODS);
              described.put(path.getKey(), methods);
            });
    assertThat(described).isEqualTo(served);
  }

  @Test
  void everyPlaceInAPathIsAParameter() {
    document()
        .get("paths")
        .properties()
        .forEach(
            path -> {
              List<String> named = new ArrayList<>();
              path.getValue()
                  .path("parameters")
                  .forEach(parameter -> named.add("{" + parameter.get("name").asText() + "}"));
              List<String> places =
                  Stream.of(path.getKey().split("/")).filter(it -> it.startsWith("{")).toList();
              assertThat(named).as(path.getKey()).isEqualTo(places);
            });
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    JsonNode document = document();
    List<String> references = new ArrayList<>();
    document.findValues("$ref").forEach(it -> references.add(it.asText()));
    assertThat(references)
        .isNotEmpty()
        .allSatisfy(
            reference -> assertThat(document.at(reference.substring(1)).isObject()).isTrue());
  }

  @Test
  void itNamesTheTypesOfEventsThatThereAre() {
    List<String> described = new ArrayList<>();
    document()
        .at("/components/schemas/EventType/enum")
        .forEach(word -> described.add(word.asText()));
    assertThat(described)
        .containsExactlyElementsOf(Arrays.stream(EventType.values()).map(EventType::word).toList());
  }

  @Test
  void aSchemaRefusesWhatItDoesNotDescribe() {
    String right = "{\"applied\":[],\"needs_restart\":[]}";
    assertThat(problems("Reloaded", right)).isEmpty();
    assertThat(problems("Reloaded", right.replace("[]}", "[],\"more\":1}"))).isNotEmpty();
    assertThat(problems("Reloaded", "{\"applied\":[]}")).isNotEmpty();
    assertThat(problems("Streams", "{\"streams\":[{}]}")).isNotEmpty();
  }
}
