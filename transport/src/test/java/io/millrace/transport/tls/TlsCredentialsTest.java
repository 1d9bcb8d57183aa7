package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsCredentialsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path directory;

  @Test
  void selfSignedIsMadeOnceAndKept() throws Exception {
    Path inner = directory.resolve("tls");
    TlsCredentials made = SelfSigned.loadOrCreate(inner, NOW);
    TlsCredentials kept = SelfSigned.loadOrCreate(inner, NOW.plus(Duration.ofDays(700)));
    assertThat(kept.fingerprint()).isEqualTo(made.fingerprint());
    TlsCredentials renewed = SelfSigned.loadOrCreate(inner, NOW.plus(Duration.ofDays(780)));
    assertThat(renewed.fingerprint()).isNotEqualTo(made.fingerprint());
    assertThat(Files.getPosixFilePermissions(inner.resolve("self-signed.key")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (var files = Files.list(inner)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void selfSignedNamesThisMachine() throws Exception {
    X509Certificate certificate = SelfSigned.loadOrCreate(directory, NOW).chain().getFirst();
    List<Object> names = new ArrayList<>();
    certificate.getSubjectAlternativeNames().forEach(name -> names.add(name.get(1)));
    assertThat(names).contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    certificate.verify(certificate.getPublicKey());
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(
            Duration.between(
                certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant()))
        .isLessThanOrEqualTo(Duration.ofDays(825));
  }

  @Test
  void fingerprintsAreWellFormed() {
    TlsCredentials credentials = SelfSigned.create(Set.of("localhost"), NOW);
    assertThat(credentials.fingerprint()).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
    assertThat(credentials.publicKeyHash()).matches("[A-Za-z0-9+/]{43}=");
    assertThat(credentials.toString()).doesNotContainIgnoringCase("key=");
  }

  private Path write(String name, Object... blocks) throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object block : blocks) {
        writer.writeObject(block);
      }
    }
    return Files.writeString(directory.resolve(name), text.toString());
  }

  private static KeyPair pair(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    return generator.generateKeyPair();
  }

  @ParameterizedTest
  @CsvSource({"RSA, 2048, true", "RSA, 2048, false", "EC, 256, true", "EC, 384, false"})
  void readsKeysOfEveryEncoding(String algorithm, int size, boolean pkcs8) throws Exception {
    KeyPair pair = pair(algorithm, size);
    KeyPair authority = pair("EC", 256);
    X509Certificate certificate = certificate("leaf", pair, "authority", authority);
    X509Certificate issuer = certificate("authority", authority, "authority", authority);
    Path chain = write("c.pem", certificate, issuer);
    Path key = write("k.pem", pkcs8 ? pkcs8(pair) : traditional(pair));
    assertThat(Files.readString(key))
        .contains(pkcs8 ? "BEGIN PRIVATE KEY" : "BEGIN " + algorithm + " PRIVATE KEY");
    TlsCredentials credentials = TlsCredentials.load(chain, key);
    assertThat(credentials.chain()).hasSize(2).first().isEqualTo(certificate);
    assertThat(credentials.key().getAlgorithm()).isEqualTo(algorithm);
    try (ServerTls tls = ServerTls.https(credentials)) {
      assertThat(tls.engine()).isEqualTo(TlsEngine.BORINGSSL);
    }
  }

  private static JcaPKCS8Generator pkcs8(KeyPair pair) throws Exception {
    return new JcaPKCS8Generator(pair.getPrivate(), null);
  }

  /** As OpenSSL writes it: an EC key names its curve (RFC 5915 §3). */
  private static Object traditional(KeyPair pair) throws Exception {
    if (!(pair.getPrivate() instanceof java.security.interfaces.ECPrivateKey ec)) {
      return pair.getPrivate();
    }
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(ec.getEncoded());
    int bits = ec.getParams().getOrder().bitLength();
    ECPrivateKey sec1 =
        new ECPrivateKey(bits, ec.getS(), info.getPrivateKeyAlgorithm().getParameters());
    return new PemObject("EC PRIVATE KEY", sec1.getEncoded());
  }

  private static X509Certificate certificate(
      String name, KeyPair pair, String issuer, KeyPair signer) throws Exception {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name("CN=" + issuer),
            BigInteger.ONE,
            Date.from(NOW),
            Date.from(NOW.plus(Duration.ofDays(1))),
            new X500Name("CN=" + name),
            pair.getPublic());
    String algorithm =
        signer.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate())));
  }

  private static X509Certificate selfSigned(KeyPair pair) throws Exception {
    return certificate("self", pair, "self", pair);
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    TlsCredentials good = SelfSigned.create(Set.of("localhost"), NOW);
    Path chain = write("c.pem", good.chain().getFirst());
    Path other = write("other.pem", pkcs8(pair("EC", 256)));
    Path cut = write("cut.pem", pair("EC", 256).getPrivate());
    Path loose = write("loose.pem", good.chain().getFirst(), selfSigned(pair("EC", 256)));
    Path rsa = write("rsa.pem", pair("RSA", 2048).getPrivate());
    Path edwards = write("ed.pem", new JcaPKCS8Generator(pair("Ed25519", 255).getPrivate(), null));
    Path empty = Files.writeString(directory.resolve("empty.pem"), "nothing here\n");
    Path broken =
        Files.writeString(
            directory.resolve("broken.pem"),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    StringWriter sealed = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(sealed)) {
      writer.writeObject(
          pair("RSA", 2048).getPrivate(),
          new JcePEMEncryptorBuilder("AES-128-CBC")
              .setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider())
              .build("secret".toCharArray()));
    }
    Path encrypted = Files.writeString(directory.resolve("enc.pem"), sealed.toString());
    assertRefused(chain, other, "does not belong");
    assertRefused(loose, other, "certificate 2 of the chain is not the issuer");
    assertRefused(chain, cut, "cut.pem: broken private key");
    assertRefused(chain, rsa, "does not belong");
    assertRefused(chain, edwards, "neither RSA nor EC");
    assertRefused(chain, broken, "broken private key");
    assertRefused(chain, encrypted, "encrypted");
    assertRefused(chain, empty, "empty.pem: no PEM block PRIVATE KEY");
    assertRefused(chain, chain, "no private key among");
    assertRefused(empty, other, "empty.pem: no PEM block CERTIFICATE");
  }

  private static void assertRefused(Path chain, Path key, String why) {
    assertThatThrownBy(() -> TlsCredentials.load(chain, key))
        .isInstanceOf(TlsCredentialsException.class)
        .hasMessageContaining(why);
  }

  @Test
  void watchReloadsOnlyWhatFits() throws Exception {
    KeyPair first = pair("EC", 256);
    KeyPair second = pair("EC", 256);
    Path chain = write("c.pem", selfSigned(first));
    Path key = write("k.pem", pkcs8(first));
    List<TlsCredentials> told = new ArrayList<>();
    CredentialWatch watch = new CredentialWatch(chain, key, told::add);
    assertThat(watch.check()).isFalse();
    replace(chain, write("c2.pem", selfSigned(second)));
    assertThat(watch.check()).as("the key is still the former one").isFalse();
    Files.delete(key);
    assertThat(watch.check()).as("half way").isFalse();
    Files.move(write("k2.pem", traditional(second)), key);
    assertThat(watch.check()).isTrue();
    assertThat(told)
        .singleElement()
        .extracting(credentials -> credentials.chain().getFirst().getPublicKey())
        .isEqualTo(second.getPublic());
    assertThat(watch.check()).as("nothing changed since").isFalse();
  }

  private static void replace(Path file, Path by) throws Exception {
    Files.move(by, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
