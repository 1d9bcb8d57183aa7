package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;

/**
 * Fuzz target: what a responder, or somebody between, says over plain HTTP. It is refused with the
 * documented exception, or it is one that was signed.
 */
public final class OcspStapleFuzz {
  private static final Instant NOW = Instant.parse("2026-11-28T20:00:00Z");
  private static final Authority AUTHORITY = new Authority("Test", NOW);
  private static final TlsCredentials SERVER = AUTHORITY.issue("tv.example", "EC", null);
  private static final OcspQuestion QUESTION = Objects.requireNonNull(OcspQuestion.of(SERVER));

  private OcspStapleFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    try {
      OcspStaple staple = OcspStaple.verify(data, QUESTION, NOW);
      assertThat(staple.holds(NOW)).isTrue();
      assertThat(staple.der()).isEqualTo(data);
    } catch (OcspException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(AUTHORITY.respond(SERVER));
    Instant until = NOW.plus(Duration.ofDays(7));
    seeds.add(
        AUTHORITY.respond(
            SERVER,
            CertificateStatus.GOOD,
            AUTHORITY.delegate(KeyPurposeId.id_kp_OCSPSigning),
            NOW,
            until));
    seeds.add(AUTHORITY.respond(SERVER, new UnknownStatus(), AUTHORITY.itself(), NOW, until));
    return seeds;
  }
}
