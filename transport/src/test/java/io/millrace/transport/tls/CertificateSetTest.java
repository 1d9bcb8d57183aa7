package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateSetTest {
  private static final TlsCredentials EC_A =
      SelfSigned.create(Set.of("a.example", "*.a.example"), Instant.now());
  private static final TlsCredentials EC_B = SelfSigned.create(Set.of("b.example"), Instant.now());
  static final TlsCredentials RSA_A = rsa("a.example");

  static TlsCredentials rsa(String name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair pair = generator.generateKeyPair();
      X500Name subject = new X500Name("CN=" + name);
      Instant now = Instant.now();
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  new JcaX509v3CertificateBuilder(
                          subject,
                          java.math.BigInteger.TWO,
                          Date.from(now.minusSeconds(60)),
                          Date.from(now.plusSeconds(600)),
                          subject,
                          pair.getPublic())
                      .addExtension(
                          Extension.subjectAlternativeName,
                          false,
                          new GeneralNames(new GeneralName(GeneralName.dNSName, name)))
                      .build(
                          new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
      return new TlsCredentials(List.of(certificate), pair.getPrivate());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ClientHello hello(@Nullable String name, boolean ecdsa) {
    return new ClientHello(name, ecdsa, true, false, null, null);
  }

  private static CertificateSet set() {
    return new CertificateSet(
        List.of(
            CertificateSet.Entry.of(EC_A),
            CertificateSet.Entry.of(RSA_A),
            CertificateSet.Entry.of(EC_B),
            new CertificateSet.Entry(EC_B, Set.of("Bücher.example"))));
  }

  @ParameterizedTest
  @CsvSource({
    "a.example, true, 0",
    "a.example, false, 1",
    "x.a.example, true, 0",
    "x.a.example, false, 0",
    "x.y.a.example, true, 0",
    "b.example, true, 2",
    "b.example, false, 2",
    "xn--bcher-kva.example, true, 3",
    "c.example, true, 0",
    "c.example, false, 1",
    ", true, 0",
    ", false, 1",
  })
  void choosesByNameThenByKey(@Nullable String name, boolean ecdsa, int index) {
    assertThat(set().choose(hello(name, ecdsa))).isEqualTo(index);
  }

  @Test
  void withoutAHelloItIsTheFirst() {
    assertThat(set().choose(null)).isZero();
  }

  @Test
  void anRsaCertificateAloneIsForEverybody() {
    CertificateSet rsa = CertificateSet.of(RSA_A);
    assertThat(rsa.choose(hello("a.example", true))).isZero();
    assertThat(rsa.choose(hello(null, false))).isZero();
  }
}
