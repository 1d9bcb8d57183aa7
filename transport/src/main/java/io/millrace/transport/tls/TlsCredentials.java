package io.millrace.transport.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * A server's certificate chain and the private key of its first certificate. Immutable; never
 * printed with the key.
 *
 * @param chain the server's own certificate first (RFC 8446 §4.4.2)
 * @param key RSA or EC
 */
public record TlsCredentials(List<X509Certificate> chain, PrivateKey key) {

  /**
   * @throws TlsCredentialsException when the chain is empty or broken, or the key is not the first
   *     certificate's
   */
  public TlsCredentials {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new TlsCredentialsException("no certificate");
    }
    for (int i = 1; i < chain.size(); i++) {
      X509Certificate issued = chain.get(i - 1);
      if (!issued.getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())) {
        throw new TlsCredentialsException(
            "certificate " + (i + 1) + " of the chain is not the issuer of the one before it");
      }
    }
    if (!belongTogether(chain.getFirst(), key)) {
      throw new TlsCredentialsException("the private key does not belong to the certificate");
    }
  }

  /**
   * Reads PEM files. The key may be PKCS#8, PKCS#1 (RSA) or SEC 1 (EC), unencrypted; the chain's
   * file may hold it too.
   *
   * @throws IOException when a file cannot be read
   * @throws TlsCredentialsException naming the file and the rule that it breaks
   */
  public static TlsCredentials load(Path certificateFile, Path keyFile) throws IOException {
    return new TlsCredentials(Pem.readChain(certificateFile), Pem.readKey(keyFile));
  }

  /** SHA-256 of the certificate, as browsers and {@code openssl x509 -fingerprint} show it. */
  public String fingerprint() {
    return fingerprintOf(chain.getFirst());
  }

  static String fingerprintOf(X509Certificate certificate) {
    byte[] hash = sha256(encoded(certificate));
    return HexFormat.ofDelimiter(":").withUpperCase().formatHex(hash);
  }

  /** Base64 SHA-256 of the public key (RFC 7469 §2.4), as Chromium's SPKI list takes it. */
  public String publicKeyHash() {
    return Base64.getEncoder().encodeToString(sha256(chain.getFirst().getPublicKey().getEncoded()));
  }

  @Override
  public String toString() {
    return "TlsCredentials[" + chain.getFirst().getSubjectX500Principal() + "]";
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new TlsCredentialsException("certificate has no encoding", e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  /** By a signature made and checked: independent of the key's kind. */
  private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default ->
              throw new TlsCredentialsException(
                  "a private key of kind " + key.getAlgorithm() + "; RSA or EC is needed");
        };
    byte[] probe = "millrace".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
