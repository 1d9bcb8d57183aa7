package io.millrace.transport.tls;

import java.net.IDN;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a listener, and which of them a client gets: one for the name that it asks
 * for (RFC 6066 §3), with an ECDSA key where it verifies that, as its signature costs the server a
 * fraction of an RSA one. The first is for clients that name none, or a name that no certificate
 * has; another of the same names with the other kind of key stands in for it. Immutable.
 */
public record CertificateSet(List<Entry> entries) {
  private static final int DNS_NAME = 2; // RFC 5280 §4.2.1.6

  /**
   * A certificate and its names.
   *
   * @param names host names in lower case; {@code *.example.com} stands for one label more
   */
  public record Entry(TlsCredentials credentials, Set<String> names) {
    public Entry {
      Set<String> lower = new LinkedHashSet<>();
      names.forEach(name -> lower.add(ascii(name)));
      names = Collections.unmodifiableSet(lower);
    }

    /** With the names that the certificate says it is for. */
    public static Entry of(TlsCredentials credentials) {
      return new Entry(credentials, certified(credentials.chain().getFirst()));
    }

    boolean isFor(String serverName) {
      int dot = serverName.indexOf('.');
      return names.contains(serverName)
          || dot > 0 && names.contains("*" + serverName.substring(dot));
    }

    boolean ecdsa() {
      return credentials.key().getAlgorithm().equals("EC");
    }
  }

  public CertificateSet {
    entries = List.copyOf(entries);
    if (entries.isEmpty()) {
      throw new TlsCredentialsException("no certificate");
    }
  }

  public static CertificateSet of(TlsCredentials only) {
    return new CertificateSet(List.of(Entry.of(only)));
  }

  /** The index of the entry for a client. */
  int choose(@Nullable ClientHello hello) {
    List<Integer> fit = new ArrayList<>();
    String serverName = hello == null ? null : hello.serverName();
    if (serverName != null) {
      for (int i = 0; i < entries.size(); i++) {
        if (entries.get(i).isFor(serverName)) {
          fit.add(i);
        }
      }
    }
    if (fit.isEmpty()) {
      fit.add(0);
      for (int i = 1; i < entries.size(); i++) {
        if (!Collections.disjoint(entries.get(i).names(), entries.getFirst().names())) {
          fit.add(i);
        }
      }
    }
    boolean ecdsa = hello == null || hello.ecdsa();
    return fit.stream()
        .filter(index -> entries.get(index).ecdsa() == ecdsa)
        .findFirst()
        .orElse(fit.getFirst());
  }

  private static Set<String> certified(X509Certificate certificate) {
    Set<String> names = new LinkedHashSet<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(0) instanceof Integer kind
              && kind == DNS_NAME
              && alternative.get(1) instanceof String name) {
            names.add(name);
          }
        }
      }
    } catch (CertificateParsingException e) {
      throw new TlsCredentialsException("certificate with broken names", e);
    }
    return names;
  }

  private static String ascii(String name) {
    try {
      return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return name.toLowerCase(Locale.ROOT); // a name that nobody can ask for
    }
  }
}
