package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.access.PlayKey;
import io.millrace.server.access.PlayToken;
import io.millrace.server.config.ConfigLoader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers as configured: an origin that asks for tokens, edges with its key and without. */
@Timeout(60)
class EdgeAccessTest {
  private static final String MASTER = "/live/show/master.m3u8";

  @TempDir Path folder;

  private final PlayKey key = PlayKey.generate(new SecureRandom());
  private final List<RunningServer> servers = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private String rule;
  private RunningServer origin;

  @BeforeEach
  void start() throws Exception {
    Path keys = Files.writeString(folder.resolve("play.keys"), key.line());
    rule = "streams: { 'live/*': { play: { tokens: required, key_file: '" + keys + "' } } }\n";
    origin = server("origin", rule);
  }

  @AfterEach
  void stop() {
    servers.reversed().forEach(RunningServer::close);
    client.close();
  }

  private RunningServer server(String name, String more) throws Exception {
    String yaml =
        """
        listen: { rtmp: "off", rtmps: "off", srt: "off", https: "127.0.0.1:0", http: "127.0.0.1:0", admin: "127.0.0.1:0" }
        data: { dir: "%s" }
        """
            .formatted(folder.resolve(name));
    Path file = Files.writeString(folder.resolve(name + ".yaml"), yaml + more);
    RunningServer server = RunningServer.start(ConfigLoader.load(file, List.of()).config());
    servers.add(server);
    return server;
  }

  private RunningServer edge(String name, String more) throws Exception {
    return server(
        name,
        """
        role: edge
        origins: [ "https://localhost:%d" ]
        edge: { ca: "%s" }
        """
                .formatted(
                    origin.addresses().get("https").getPort(),
                    folder.resolve("origin").resolve("self-signed.crt"))
            + more);
  }

  private HttpResponse<String> get(RunningServer server, String listener, String path)
      throws Exception {
    int port = server.addresses().get(listener).getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private String token(Instant expiry) {
    return PlayToken.sign(key, "live/show", expiry, null);
  }

  @Test
  void tokensAreCheckedAtTheEdgeWhichHasItsOwnForTheOrigin() throws Exception {
    RunningServer edge = edge("edge", rule);
    String good = token(Instant.now().plusSeconds(60));
    assertThat(get(origin, "http", MASTER).statusCode()).isEqualTo(401);
    assertThat(get(edge, "http", MASTER).statusCode()).isEqualTo(401);
    assertThat(get(edge, "http", "/t/" + token(Instant.now().minusSeconds(1)) + MASTER).body())
        .contains("expired");
    // What only the origin can say, so it has let the edge in.
    HttpResponse<String> reply = get(edge, "http", "/t/" + good + MASTER);
    assertThat(reply.statusCode()).isEqualTo(404);
    assertThat(reply.body()).contains("No stream live/show is live");
    assertThat(get(edge, "http", MASTER + "?token=" + good).statusCode()).isEqualTo(404);
    assertThat(get(edge, "http", "/streams.json").body()).isEqualTo("{\"streams\":[]}");
    assertThat(get(edge, "http", "/time").statusCode()).isEqualTo(200);
    assertThat(get(edge, "admin", "/metrics").body())
        .containsPattern("millrace_edge_requests_total\\{result=\"miss\"} [23]\\.0")
        .containsPattern("millrace_edge_origin_requests_total [23]\\.0");
  }

  @Test
  void anEdgeWithoutTheKeyIsAStrangerToTheOrigin() throws Exception {
    HttpResponse<String> reply = get(edge("stranger", ""), "http", MASTER);
    assertThat(reply.statusCode()).isEqualTo(401);
    assertThat(reply.body()).contains("token is needed");
  }
}
