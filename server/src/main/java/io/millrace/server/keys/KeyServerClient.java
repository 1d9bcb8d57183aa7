package io.millrace.server.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Posts CPIX documents. One for all streams; asynchronous, with a time-out and a bounded answer.
 * Redirections are not followed: they would take the request's credentials elsewhere.
 */
final class KeyServerClient implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_LIMIT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Completes with the answer's content, exceptionally with {@link IOException}.
   *
   * @param server may hold credentials, which are sent by basic authentication
   */
  CompletableFuture<byte[]> post(URI server, String document) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(withoutCredentials(server))
            .timeout(ANSWER_LIMIT)
            .header("content-type", "application/xml")
            .header("accept", "application/xml")
            .POST(BodyPublishers.ofString(document, UTF_8));
    String credentials = server.getUserInfo();
    if (credentials != null) {
      request.header(
          "authorization",
          "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
    }
    return http.sendAsync(
            request.build(),
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), CpixResponse.MAXIMUM_BYTES))
        .thenApply(KeyServerClient::content);
  }

  private static byte[] content(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      throw new CompletionException(new KeyServerException("status " + response.statusCode()));
    }
    return response.body();
  }

  private static URI withoutCredentials(URI server) {
    String text = server.toString();
    String credentials = server.getRawUserInfo();
    return credentials == null ? server : URI.create(text.replaceFirst("//[^/@]*@", "//"));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
