package io.millrace.transport.tls;

import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Has an OCSP response there for each certificate whose issuer has a responder, or for which the
 * operator has put one into a file: fetched long before the former one ends, verified, and kept in
 * memory. A handshake takes what is there and waits for nothing; without one that holds, it goes on
 * without.
 *
 * <p>Whoever owns it calls {@link #run} every few seconds. Thread-safe.
 */
public final class OcspStapling implements Staples, Runnable, AutoCloseable {
  private final @Nullable Fetcher fetcher;
  private final InstantSource clock;
  private volatile Map<TlsCredentials, OcspSource> sources = Map.of();

  /**
   * Where a certificate's response comes from.
   *
   * @param file of an operator, DER; null: from the responder that the certificate names
   */
  public record Wanted(TlsCredentials credentials, @Nullable Path file) {}

  /** Asks responders. */
  interface Fetcher {
    CompletableFuture<byte[]> post(URI responder, byte[] request);
  }

  OcspStapling(@Nullable Fetcher fetcher, InstantSource clock) {
    this.fetcher = fetcher;
    this.clock = clock;
  }

  /** With responders asked over HTTP. */
  public static OcspStapling overHttp(InstantSource clock) {
    return new OcspStapling(new OcspFetcher(), clock);
  }

  /** With the operator's files only: nobody is asked. */
  public static OcspStapling ofFiles(InstantSource clock) {
    return new OcspStapling(null, clock);
  }

  /** The certificates from here on; what is there for those that stay is kept. */
  public synchronized void use(List<Wanted> wanted) {
    Map<TlsCredentials, OcspSource> next = new HashMap<>();
    for (Wanted each : wanted) {
      OcspSource former = sources.get(each.credentials());
      next.put(each.credentials(), former == null ? OcspSource.of(each, fetcher, clock) : former);
    }
    sources = Map.copyOf(next);
    run();
  }

  @Override
  public byte @Nullable [] find(TlsCredentials credentials) {
    OcspSource source = sources.get(credentials);
    OcspStaple staple = source == null ? null : source.staple();
    return staple == null || !staple.holds(clock.instant()) ? null : staple.der();
  }

  /** Fetches and reads what is due. */
  @Override
  public void run() {
    sources.values().forEach(OcspSource::look);
  }

  @Override
  public void close() {
    if (fetcher instanceof OcspFetcher own) {
      own.close();
    }
  }
}
