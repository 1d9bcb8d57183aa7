package io.millrace.loadtest.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Somebody who listens to {@code /api/v1/events}, by the rules of WHATWG HTML §9.2.6. */
final class EventClient implements AutoCloseable {
  /** The JSON of each event, in order. */
  final List<String> raw = new CopyOnWriteArrayList<>();

  /** Completes with the reply's end: null for a clean one. */
  final CompletableFuture<@Nullable IOException> end = new CompletableFuture<>();

  private final HttpClient client = HttpClient.newHttpClient();
  private volatile String lastId = "";

  private EventClient() {}

  /**
   * Listens from now on.
   *
   * @param lastEventId empty: sends none
   */
  static EventClient listen(URI uri, String lastEventId) {
    EventClient listening = new EventClient();
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).header("accept", "text/event-stream");
    if (!lastEventId.isEmpty()) {
      request.header("last-event-id", lastEventId);
    }
    try {
      HttpResponse<InputStream> response =
          listening.client.send(request.build(), BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        throw new AssertionError(uri + ": " + response.statusCode());
      }
      BufferedReader in =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
      Thread.ofVirtual().start(() -> listening.read(in));
      return listening;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void read(BufferedReader in) {
    try {
      StringBuilder data = new StringBuilder();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty()) {
          if (!data.isEmpty()) {
            raw.add(data.toString());
          }
          data.setLength(0);
        } else if (line.startsWith("data: ")) {
          data.append(line, "data: ".length(), line.length());
        } else if (line.startsWith("id: ")) {
          lastId = line.substring("id: ".length());
        }
      }
      end.complete(null);
    } catch (IOException e) {
      end.complete(e);
    }
  }

  /** What would be resumed from. */
  String lastId() {
    return lastId;
  }

  List<Map<String, Object>> events() {
    return raw.stream().map(Json::object).toList();
  }

  /** The first event of a type that is as wanted, waiting for it. */
  Map<String, Object> await(String type, Duration limit, Predicate<Map<String, Object>> wanted) {
    try {
      return Await.value(
          "event " + type,
          limit,
          () ->
              events().stream()
                  .filter(event -> event.get("type").equals(type) && wanted.test(event))
                  .findFirst());
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + String.join("\n", raw), e);
    }
  }

  Map<String, Object> await(String type, Duration limit) {
    return await(type, limit, _ -> true);
  }

  /** Its figures and names. */
  static Map<String, Object> data(Map<String, Object> event) {
    return Json.object(event.get("data"));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
