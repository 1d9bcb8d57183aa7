package io.millrace.server.webhook;

import io.millrace.server.config.WebhookConfig;
import io.millrace.server.config.WebhookSecret;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Posts questions to one URL by the JDK's HTTP client, which checks certificate and name. Never
 * blocks: names are looked up on virtual threads. Redirections are not followed, as they would take
 * keys elsewhere. An answer is at most {@value #MAX_ANSWER_BYTES} bytes.
 */
final class WebhookClient implements Webhook.Sender, AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 64 << 10;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  private final URI url;
  private final @Nullable String authorization;
  private final @Nullable WebhookSecret secret;
  private final InstantSource clock;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());
  private final HttpClient http;

  /**
   * @throws IOException when the file of authorities cannot be used; the message names it
   */
  WebhookClient(WebhookConfig config, InstantSource clock) throws IOException {
    String userInfo = config.url().getUserInfo();
    this.url = withoutUser(config.url());
    this.authorization =
        userInfo == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    this.secret = config.secret();
    this.clock = clock;
    boolean secure = "https".equals(config.url().getScheme());
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .executor(threads)
            .version(secure ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER);
    Path authorities = config.authorities();
    if (authorities != null) {
      builder.sslContext(trusting(authorities));
    }
    this.http = builder.build();
  }

  @Override
  public CompletableFuture<Reply> post(byte[] question) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/plain")
            .header("user-agent", "Millrace")
            .POST(BodyPublishers.ofByteArray(question));
    if (authorization != null) {
      request.header("authorization", authorization);
    }
    if (secret != null) {
      request.header(
          Signature.FIELD, Signature.of(secret, clock.instant().getEpochSecond(), question));
    }
    HttpRequest made = request.build();
    CompletableFuture<HttpResponse<byte[]>> first = send(made);
    AtomicReference<CompletableFuture<HttpResponse<byte[]>>> under = new AtomicReference<>(first);
    CompletableFuture<Reply> reply =
        first
            .exceptionallyCompose(
                failure -> {
                  if (!isClosed(failure)) {
                    return CompletableFuture.failedFuture(failure);
                  }
                  CompletableFuture<HttpResponse<byte[]>> second = send(made);
                  under.set(second);
                  return second;
                })
            .thenApply(WebhookClient::reply);
    // Only the client's own future stops the exchange.
    var _ =
        reply.whenComplete(
            (_, _) -> {
              CompletableFuture<HttpResponse<byte[]>> last = under.get();
              if (reply.isCancelled() && last != null) {
                last.cancel(true);
              }
            });
    return reply;
  }

  private CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request) {
    return http.sendAsync(
        request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
  }

  /**
   * True where a kept connection was closed just when it was used again (RFC 9112 §9.3.1): the same
   * question may be asked a second time.
   */
  private static boolean isClosed(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof EOFException
          || cause instanceof ClosedChannelException
          || cause instanceof SocketException && !(cause instanceof ConnectException)) {
        return true;
      }
    }
    return false;
  }

  private static Reply reply(HttpResponse<byte[]> response) {
    return new Reply(
        response.statusCode(),
        response.headers().firstValue("content-type").orElse(""),
        response.body());
  }

  private static URI withoutUser(URI url) {
    return url.getRawUserInfo() == null
        ? url
        : URI.create(url.toString().replaceFirst("//[^/@]*@", "//"));
  }

  private static SSLContext trusting(Path authorities) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(authorities))) {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry(Integer.toString(number++), each);
      }
      if (number == 0) {
        throw new IOException(authorities + ": holds no certificate");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(authorities + ": cannot be trusted: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    threads.shutdownNow();
  }
}
