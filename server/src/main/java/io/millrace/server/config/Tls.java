package io.millrace.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The certificates for HTTPS and RTMPS, and how HTTPS is done. Without any certificate, a
 * self-signed one is made once and kept in {@code data.dir}.
 *
 * @param certificates the first is for clients that ask for none of the others' names
 * @param engine of HTTPS
 * @param earlyData taken where the engine can
 * @param ocspStapling whether responders are asked about certificates
 * @param ticketKeysFile where ticket keys outlive a restart, or null
 */
public record Tls(
    List<Certificate> certificates,
    Engine engine,
    boolean earlyData,
    boolean ocspStapling,
    @Nullable Path ticketKeysFile) {

  public Tls {
    certificates = List.copyOf(certificates);
  }

  /** What does the work. */
  public enum Engine {
    BORINGSSL,
    CONSCRYPT,
    JDK
  }

  /**
   * A certificate's files.
   *
   * @param certificate PEM chain, leaf first
   * @param key PEM private key
   * @param names that it is for; empty for those that stand in it
   * @param ocsp a file with the OCSP response about it; null: its responder is asked
   */
  public record Certificate(Path certificate, Path key, Set<String> names, @Nullable Path ocsp) {
    public Certificate {
      names = Set.copyOf(names);
    }
  }
}
