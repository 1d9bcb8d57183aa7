package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.Test;

class OcspStapleTest {
  private static final Instant NOW = Instant.parse("2026-11-28T20:00:00Z");
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Authority AUTHORITY = new Authority("Test", NOW);
  private static final TlsCredentials SERVER =
      AUTHORITY.issue("tv.example", "EC", "http://ocsp.example/a");

  private static OcspQuestion question() {
    return Objects.requireNonNull(OcspQuestion.of(SERVER));
  }

  private static void refused(byte[] response, String why) {
    assertThatExceptionOfType(OcspException.class)
        .isThrownBy(() -> OcspStaple.verify(response, question(), NOW))
        .withMessageContaining(why);
  }

  private static byte[] response(CertificateStatus status, Authority.Signer signer) {
    return AUTHORITY.respond(SERVER, status, signer, NOW, NOW.plus(WEEK));
  }

  @Test
  void aGoodResponseOfTheIssuerIsTaken() throws Exception {
    byte[] response = AUTHORITY.respond(SERVER);
    OcspStaple staple = OcspStaple.verify(response, question(), NOW.plus(WEEK).minusSeconds(1));
    assertThat(staple.der()).isEqualTo(response);
    assertThat(staple.until()).isEqualTo(NOW.plus(WEEK));
    assertThat(staple.holds(NOW.plus(WEEK).minusSeconds(1))).isTrue();
    assertThat(staple.holds(NOW.plus(WEEK))).isFalse();
  }

  @Test
  void oneOfADelegateIsTakenWhereTheIssuerHasSaidSo() {
    assertThatNoException()
        .isThrownBy(
            () ->
                OcspStaple.verify(
                    response(
                        CertificateStatus.GOOD, AUTHORITY.delegate(KeyPurposeId.id_kp_OCSPSigning)),
                    question(),
                    NOW));
    String nobody = "signed by nobody who may answer";
    refused(
        response(CertificateStatus.GOOD, AUTHORITY.delegate(KeyPurposeId.id_kp_serverAuth)),
        nobody);
    Authority other = new Authority("Test", NOW);
    refused(response(CertificateStatus.GOOD, other.itself()), nobody);
    refused(
        response(CertificateStatus.GOOD, other.delegate(KeyPurposeId.id_kp_OCSPSigning)), nobody);
  }

  @Test
  void whatIsNotGoodNowIsRefused() {
    refused(response(new RevokedStatus(Date.from(NOW)), AUTHORITY.itself()), "REVOKED");
    refused(response(new UnknownStatus(), AUTHORITY.itself()), "does not know");
    refused(
        AUTHORITY.respond(SERVER, CertificateStatus.GOOD, AUTHORITY.itself(), NOW.minus(WEEK), NOW),
        "and not now");
    refused(
        AUTHORITY.respond(
            SERVER,
            CertificateStatus.GOOD,
            AUTHORITY.itself(),
            NOW.plusSeconds(301),
            NOW.plus(WEEK)),
        "and not now");
    refused(
        AUTHORITY.respond(SERVER, CertificateStatus.GOOD, AUTHORITY.itself(), NOW, null),
        "how long it holds");
  }

  @Test
  void oneAboutAnotherCertificateIsRefused() {
    TlsCredentials sibling = AUTHORITY.issue("other.example", "EC", null);
    refused(AUTHORITY.respond(sibling), "about another certificate");
    Authority other = new Authority("Other", NOW);
    TlsCredentials namesake = other.issue("tv.example", "EC", null); // with the same number
    assertThat(namesake.chain().getFirst().getSerialNumber())
        .isEqualTo(SERVER.chain().getFirst().getSerialNumber());
    refused(other.respond(namesake), "about another certificate");
  }

  @Test
  void errorsAndGarbageAreSaid() throws Exception {
    refused(new OCSPRespBuilder().build(OCSPRespBuilder.TRY_LATER, null).getEncoded(), "try later");
    refused(new byte[0], "malformed");
    refused("<html>".getBytes(), "malformed");
    refused(new byte[OcspStaple.MAX_BYTES + 1], "larger than");
  }

  @Test
  void everythingThatItSaysIsSigned() throws Exception {
    byte[] good = AUTHORITY.respond(SERVER);
    byte[] said = ((BasicOCSPResp) new OCSPResp(good).getResponseObject()).getTBSResponseData();
    int from = indexOf(good, said);
    for (int i = from; i < from + said.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 0x11;
      refused(changed, "");
    }
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int at = 0; at <= all.length - part.length; at++) {
      if (Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not in it");
  }

  @Test
  void theQuestionIsAboutTheCertificateAndGoesToItsResponder() throws Exception {
    assertThat(question().responder()).isEqualTo(URI.create("http://ocsp.example/a"));
    OCSPReq request = new OCSPReq(question().request());
    assertThat(request.getRequestList()).hasSize(1);
    assertThat(request.getRequestList()[0].getCertID().getSerialNumber())
        .isEqualTo(SERVER.chain().getFirst().getSerialNumber());
    for (String other : new String[] {"ldap://a.example/", "http://", "no address"}) {
      OcspQuestion question = OcspQuestion.of(AUTHORITY.issue("a.example", "EC", other));
      assertThat(Objects.requireNonNull(question).responder()).as(other).isNull();
    }
    assertThat(
            OcspQuestion.of(new TlsCredentials(List.of(SERVER.chain().getFirst()), SERVER.key())))
        .as("without an issuer")
        .isNull();
  }
}
