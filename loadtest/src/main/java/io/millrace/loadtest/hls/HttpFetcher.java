package io.millrace.loadtest.hls;

import io.millrace.loadtest.Loopback;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * One viewer's HTTP connections. Loopback only, and so any certificate will do. Belongs to one
 * thread.
 */
final class HttpFetcher implements AutoCloseable {
  private static final int MAX_PLAYLIST_BYTES = 4 << 20;
  private static final long MAX_SEGMENT_BYTES = 256L << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(15);

  private final HttpClient client;
  private final byte[] buffer = new byte[64 << 10];

  HttpFetcher() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER);
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new TrustEveryone()}, null);
      builder.sslContext(tls);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no TLS in this JDK", e);
    }
    client = builder.build();
  }

  /** Fetches a playlist. */
  String text(URI url) throws IOException, InterruptedException {
    try (InputStream body = open(url)) {
      byte[] bytes = body.readNBytes(MAX_PLAYLIST_BYTES + 1);
      if (bytes.length > MAX_PLAYLIST_BYTES) {
        throw new IOException("playlist of more than " + MAX_PLAYLIST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** Fetches media and throws it away; returns its size in bytes. */
  long drain(URI url) throws IOException, InterruptedException {
    try (InputStream body = open(url)) {
      long sizeBytes = 0;
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        sizeBytes += n;
        if (sizeBytes > MAX_SEGMENT_BYTES) {
          throw new IOException("segment of more than " + MAX_SEGMENT_BYTES + " bytes");
        }
      }
      return sizeBytes;
    }
  }

  private InputStream open(URI url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(Loopback.require(url)).timeout(DEADLINE).build();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      response.body().close();
      throw new HttpStatusException(response.statusCode());
    }
    return response.body();
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
