package io.millrace.transport.tls;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Posts requests to OCSP responders (RFC 6960 §A.1). Never blocks: it has threads of its own. */
final class OcspFetcher implements OcspStapling.Fetcher, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ocsp-", 0).factory());

  /** Made when somebody is asked: most certificates name no responder. */
  private @Nullable HttpClient http;

  @Override
  public CompletableFuture<byte[]> post(URI responder, byte[] request) {
    HttpRequest post =
        HttpRequest.newBuilder(responder)
            .header("content-type", "application/ocsp-request")
            .header("accept", "application/ocsp-response")
            .POST(BodyPublishers.ofByteArray(request))
            .build();
    CompletableFuture<HttpResponse<byte[]>> sent =
        client()
            .sendAsync(
                post, BodyHandlers.limiting(BodyHandlers.ofByteArray(), OcspStaple.MAX_BYTES));
    CompletableFuture<byte[]> content =
        sent.thenApply(OcspFetcher::content).orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    var _ = content.whenComplete((_, _) -> sent.cancel(true)); // nothing, where it is done
    return content;
  }

  private synchronized HttpClient client() {
    HttpClient made = http;
    if (made == null) {
      made =
          HttpClient.newBuilder()
              .executor(threads)
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(LIMIT)
              .build();
      http = made;
    }
    return made;
  }

  private static byte[] content(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      throw new CompletionException(new IOException("status " + response.statusCode()));
    }
    return response.body();
  }

  @Override
  public synchronized void close() {
    if (http != null) {
      http.shutdownNow();
    }
    threads.shutdownNow();
  }
}
