package io.millrace.transport.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority, and the responder of it. */
public final class Authority {
  private static final Duration LIFE = Duration.ofDays(90);

  private final Instant now;
  private final KeyPair keys;
  private final X509Certificate certificate;
  private long serial = 1;

  public Authority(String name, Instant now) {
    this.now = now;
    this.keys = keys("EC");
    this.certificate = certificate("CN=" + name, keys, "CN=" + name, keys.getPrivate(), null, null);
  }

  /** Somebody who signs responses. */
  record Signer(X509Certificate certificate, PrivateKey key, boolean sent) {}

  private static KeyPair keys(String kind) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (kind.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else {
        generator.initialize(2_048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate certificate(
      String subject,
      KeyPair of,
      String issuer,
      PrivateKey signer,
      @Nullable String responder,
      @Nullable KeyPurposeId purpose) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name(issuer),
              BigInteger.valueOf(serial++),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(LIFE)),
              new X500Name(subject),
              of.getPublic());
      boolean authority = subject.equals(issuer);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (!authority) {
        String name = subject.substring(3);
        boolean address = name.matches("[0-9.]+");
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name)));
      }
      if (responder != null) {
        builder.addExtension(
            Extension.authorityInfoAccess,
            false,
            new AuthorityInformationAccess(
                AccessDescription.id_ad_ocsp,
                new GeneralName(GeneralName.uniformResourceIdentifier, responder)));
      }
      if (purpose != null) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(algorithm(signer)).build(signer)));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String algorithm(PrivateKey key) {
    return key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
  }

  /**
   * A certificate for a host, with its chain.
   *
   * @param kind {@code EC} or {@code RSA}
   */
  public TlsCredentials issue(String host, String kind, @Nullable String responder) {
    KeyPair of = keys(kind);
    X509Certificate issued =
        certificate("CN=" + host, of, name(), keys.getPrivate(), responder, null);
    return new TlsCredentials(List.of(issued, certificate), of.getPrivate());
  }

  private String name() {
    return certificate.getSubjectX500Principal().getName();
  }

  Signer itself() {
    return new Signer(certificate, keys.getPrivate(), false);
  }

  Signer delegate(KeyPurposeId purpose) {
    KeyPair of = keys("EC");
    return new Signer(
        certificate("CN=delegate", of, name(), keys.getPrivate(), null, purpose),
        of.getPrivate(),
        true);
  }

  /** A response about a certificate, good where the status is null. */
  byte[] respond(
      TlsCredentials about,
      @Nullable CertificateStatus status,
      Signer signer,
      Instant since,
      @Nullable Instant until) {
    try {
      JcaDigestCalculatorProviderBuilder digests = new JcaDigestCalculatorProviderBuilder();
      CertificateID id =
          new CertificateID(
              digests.build().get(CertificateID.HASH_SHA1),
              new JcaX509CertificateHolder(certificate),
              about.chain().getFirst().getSerialNumber());
      JcaX509CertificateHolder holder = new JcaX509CertificateHolder(signer.certificate());
      X509CertificateHolder[] sent =
          signer.sent() ? new X509CertificateHolder[] {holder} : new X509CertificateHolder[0];
      return new OCSPRespBuilder()
          .build(
              OCSPRespBuilder.SUCCESSFUL,
              new BasicOCSPRespBuilder(new RespID(holder.getSubject()))
                  .addResponse(
                      id, status, Date.from(since), until == null ? null : Date.from(until))
                  .build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(signer.key()),
                      sent,
                      Date.from(since)))
          .getEncoded();
    } catch (GeneralSecurityException | OperatorCreationException | OCSPException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A good one for a week. */
  byte[] respond(TlsCredentials about) {
    return respond(about, CertificateStatus.GOOD, itself(), now, now.plus(Duration.ofDays(7)));
  }

  /** Its own certificate and key as PEM files: {@code NAME.crt}, {@code NAME.key}. */
  public void write(Path folder, String name) throws Exception {
    write(folder, name, new TlsCredentials(List.of(certificate), keys.getPrivate()));
  }

  /** A certificate with its chain and key as PEM files. */
  public static void write(Path folder, String name, TlsCredentials credentials) throws Exception {
    StringBuilder chain = new StringBuilder();
    for (X509Certificate each : credentials.chain()) {
      chain.append(pem("CERTIFICATE", each.getEncoded()));
    }
    Files.writeString(folder.resolve(name + ".crt"), chain);
    Files.writeString(
        folder.resolve(name + ".key"), pem("PRIVATE KEY", credentials.key().getEncoded()));
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
  }
}
