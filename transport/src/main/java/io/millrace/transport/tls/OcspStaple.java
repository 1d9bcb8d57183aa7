package io.millrace.transport.tls;

import static io.millrace.transport.tls.OcspQuestion.holder;

import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * A response that clients may be shown with the certificate (RFC 6066 §8, RFC 8446 §4.4.2.1): it
 * says that the certificate is good, and whoever may say so has signed it (RFC 6960 §3.2,
 * §4.2.2.2).
 *
 * @param der as it came; not to be changed
 * @param since when it was known to be good
 * @param until when another one has to be there
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record OcspStaple(byte[] der, Instant since, Instant until) {
  static final int MAX_BYTES = 32 << 10;
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
  private static final int MAX_CERTIFICATES = 4;

  /**
   * Reads and verifies a response.
   *
   * @throws OcspException saying what is wrong with it
   */
  static OcspStaple verify(byte[] der, OcspQuestion question, Instant now) throws OcspException {
    if (der.length > MAX_BYTES) {
      throw new OcspException("is larger than " + MAX_BYTES + " bytes");
    }
    try {
      return verified(der, question, now);
    } catch (IOException
        | OCSPException
        | OperatorCreationException
        | CertException
        | RuntimeException e) {
      throw new OcspException("is malformed: " + e.getMessage());
    }
  }

  private static OcspStaple verified(byte[] der, OcspQuestion question, Instant now)
      throws OcspException, IOException, OCSPException, OperatorCreationException, CertException {
    OCSPResp response = new OCSPResp(der);
    if (response.getStatus() != OCSPResp.SUCCESSFUL) {
      throw new OcspException("is an error of the responder: " + status(response.getStatus()));
    }
    if (!(response.getResponseObject() instanceof BasicOCSPResp basic)) {
      throw new OcspException("is of an unknown type");
    }
    X509CertificateHolder issuer = holder(question.issuer());
    SingleResp single = find(basic, issuer, question.certificate().getSerialNumber());
    if (!isSigned(basic, issuer, Date.from(now))) {
      throw new OcspException("is signed by nobody who may answer for the certificate's issuer");
    }
    CertificateStatus status = single.getCertStatus();
    if (status != CertificateStatus.GOOD) {
      throw new OcspException(
          status instanceof RevokedStatus
              ? "says that the certificate is REVOKED"
              : "does not know the certificate");
    }
    if (single.getNextUpdate() == null) {
      throw new OcspException("does not say how long it holds");
    }
    Instant since = single.getThisUpdate().toInstant();
    Instant until = single.getNextUpdate().toInstant();
    if (since.isAfter(now.plus(CLOCK_SKEW)) || !until.isAfter(now)) {
      throw new OcspException("holds from " + since + " to " + until + ", and not now");
    }
    return new OcspStaple(der.clone(), since, until);
  }

  private static SingleResp find(
      BasicOCSPResp basic, X509CertificateHolder issuer, BigInteger serial)
      throws OcspException, OCSPException, OperatorCreationException {
    DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
    for (SingleResp single : basic.getResponses()) {
      if (single.getCertID().getSerialNumber().equals(serial)
          && single.getCertID().matchesIssuer(issuer, digests)) {
        return single;
      }
    }
    throw new OcspException("is about another certificate");
  }

  /** By the issuer, or by one that it has given that right. */
  private static boolean isSigned(BasicOCSPResp basic, X509CertificateHolder issuer, Date now)
      throws OCSPException, OperatorCreationException, CertException {
    if (isSignedBy(basic, issuer)) {
      return true;
    }
    X509CertificateHolder[] sent = basic.getCerts();
    for (int i = 0; i < Math.min(sent.length, MAX_CERTIFICATES); i++) {
      if (mayAnswer(sent[i], issuer, now) && isSignedBy(basic, sent[i])) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSignedBy(BasicOCSPResp basic, X509CertificateHolder signer)
      throws OperatorCreationException {
    try {
      return basic.isSignatureValid(new JcaContentVerifierProviderBuilder().build(signer));
    } catch (OCSPException | CertificateException e) {
      return false; // a key of another kind than the signature's
    }
  }

  private static boolean mayAnswer(
      X509CertificateHolder delegate, X509CertificateHolder issuer, Date now)
      throws OperatorCreationException, CertException {
    Extensions extensions = delegate.getExtensions();
    ExtendedKeyUsage usage =
        extensions == null ? null : ExtendedKeyUsage.fromExtensions(extensions);
    try {
      return usage != null
          && usage.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning)
          && delegate.getIssuer().equals(issuer.getSubject())
          && delegate.isValidOn(now)
          && delegate.isSignatureValid(new JcaContentVerifierProviderBuilder().build(issuer));
    } catch (CertificateException e) {
      return false;
    }
  }

  /** RFC 6960 §4.2.1. */
  private static String status(int status) {
    return switch (status) {
      case OCSPResp.MALFORMED_REQUEST -> "malformed request";
      case OCSPResp.INTERNAL_ERROR -> "internal error";
      case OCSPResp.TRY_LATER -> "try later";
      case OCSPResp.SIG_REQUIRED -> "signed requests only";
      case OCSPResp.UNAUTHORIZED -> "not one of its certificates";
      default -> "status " + status;
    };
  }

  boolean holds(Instant now) {
    return now.isBefore(until);
  }
}
