package io.millrace.transport.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate of a server that was given none: ECDSA P-256, made once and kept, for {@code
 * localhost}, both loopback addresses and the machine's name.
 *
 * <p>It is valid for 825 days, the most that Apple's clients take, and replaced at the first start
 * in its last 60.
 */
public final class SelfSigned {
  private static final Duration VALIDITY = Duration.ofDays(825);
  private static final Duration RENEWAL = Duration.ofDays(60);
  private static final Duration CLOCK_SKEW = Duration.ofHours(24);
  private static final String CERTIFICATE_FILE = "self-signed.crt";
  private static final String KEY_FILE = "self-signed.key";

  private SelfSigned() {}

  /**
   * Reads the certificate in {@code directory}, or makes it there. The key's file is readable by
   * its owner only.
   *
   * @param directory made when absent
   * @throws IOException when the files cannot be read or written
   */
  public static TlsCredentials loadOrCreate(Path directory, Instant now) throws IOException {
    Path certificateFile = directory.resolve(CERTIFICATE_FILE);
    Path keyFile = directory.resolve(KEY_FILE);
    if (Files.exists(certificateFile) && Files.exists(keyFile)) {
      TlsCredentials kept = TlsCredentials.load(certificateFile, keyFile);
      Instant end = kept.chain().getFirst().getNotAfter().toInstant();
      if (now.plus(RENEWAL).isBefore(end)) {
        return kept;
      }
    }
    TlsCredentials made = create(names(), now);
    Files.createDirectories(directory);
    WholeFile.write(keyFile, pem("PRIVATE KEY", made.key().getEncoded()), "rw-------");
    WholeFile.write(certificateFile, pem("CERTIFICATE", encoded(made)), "rw-r--r--");
    return made;
  }

  /** A certificate for these host names and literal addresses, kept nowhere. */
  public static TlsCredentials create(Set<String> names, Instant now) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      return new TlsCredentials(List.of(certificate(pair, names, now)), pair.getPrivate());
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new TlsCredentialsException("cannot make a self-signed certificate", e);
    }
  }

  private static X509Certificate certificate(KeyPair pair, Set<String> names, Instant now)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    X500Name subject = new X500Name("CN=Millrace self-signed");
    BigInteger serial = new BigInteger(127, new SecureRandom()).setBit(126); // RFC 5280 §4.1.2.2
    PrivateKey key = pair.getPrivate();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            subject,
            serial,
            Date.from(now.minus(CLOCK_SKEW)),
            Date.from(now.minus(CLOCK_SKEW).plus(VALIDITY)),
            subject,
            pair.getPublic());
    builder
        .addExtension(Extension.subjectAlternativeName, false, alternativeNames(names))
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .addExtension(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static GeneralNames alternativeNames(Set<String> names) {
    return new GeneralNames(
        names.stream()
            .map(
                name ->
                    new GeneralName(
                        isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
            .toArray(GeneralName[]::new));
  }

  private static boolean isAddress(String name) {
    return name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  private static Set<String> names() {
    Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
    try {
      String host = InetAddress.getLocalHost().getHostName();
      if (!host.isEmpty() && host.chars().allMatch(c -> c < 0x7f && c > ' ' && c != ':')) {
        names.add(host);
      }
    } catch (UnknownHostException e) {
      // A machine without a name of its own is reached by the others.
    }
    return names;
  }

  private static byte[] encoded(TlsCredentials made) throws IOException {
    try {
      return made.chain().getFirst().getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static byte[] pem(String label, byte[] der) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String text = "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
