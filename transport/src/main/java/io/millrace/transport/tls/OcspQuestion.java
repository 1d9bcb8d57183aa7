package io.millrace.transport.tls;

import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What is asked about a certificate, and where (RFC 6960, in the profile of RFC 5019: one
 * certificate, by SHA-1 of its issuer, no nonce, so that responders may answer out of a cache).
 *
 * @param issuer of the certificate, the second one of its chain
 * @param responder out of the certificate (RFC 5280 §4.2.2.1); null when it names none
 */
record OcspQuestion(X509Certificate certificate, X509Certificate issuer, @Nullable URI responder) {
  private static final int MAX_URL_CHARS = 1_024;

  /** Null where nobody could answer: a chain of one certificate tells no issuer. */
  static @Nullable OcspQuestion of(TlsCredentials credentials) {
    if (credentials.chain().size() < 2) {
      return null;
    }
    X509Certificate certificate = credentials.chain().getFirst();
    return new OcspQuestion(certificate, credentials.chain().get(1), responder(certificate));
  }

  private static @Nullable URI responder(X509Certificate certificate) {
    try {
      AuthorityInformationAccess access =
          AuthorityInformationAccess.fromExtensions(holder(certificate).getExtensions());
      if (access == null) {
        return null;
      }
      for (AccessDescription description : access.getAccessDescriptions()) {
        GeneralName location = description.getAccessLocation();
        String text = location.getName().toString();
        if (AccessDescription.id_ad_ocsp.equals(description.getAccessMethod())
            && location.getTagNo() == GeneralName.uniformResourceIdentifier
            && text.length() <= MAX_URL_CHARS) {
          URI uri = URI.create(text);
          boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
          if (web && uri.getHost() != null) {
            return uri;
          }
        }
      }
      return null;
    } catch (IllegalArgumentException e) {
      return null; // no address
    }
  }

  static X509CertificateHolder holder(X509Certificate certificate) {
    try {
      return new JcaX509CertificateHolder(certificate);
    } catch (GeneralSecurityException e) {
      throw new TlsCredentialsException("certificate has no encoding", e);
    }
  }

  /** The request (RFC 6960 §4.1.1). */
  byte[] request() {
    try {
      CertificateID id =
          new CertificateID(
              new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1),
              holder(issuer),
              certificate.getSerialNumber());
      return new OCSPReqBuilder().addRequest(id).build().getEncoded();
    } catch (OCSPException | OperatorCreationException | IOException e) {
      throw new TlsCredentialsException("cannot ask about the certificate", e);
    }
  }
}
