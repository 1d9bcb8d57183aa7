package io.millrace.transport.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.encoders.DecoderException;

/** Textual encodings of certificates and keys (RFC 7468). */
final class Pem {
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final Pattern CERTIFICATE = block("(?:X509 |TRUSTED )?CERTIFICATE");
  private static final Pattern PKCS8_KEY = block("PRIVATE KEY");

  private Pem() {}

  static List<X509Certificate> readChain(Path file) throws IOException {
    Matcher blocks = CERTIFICATE.matcher(read(file));
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      while (blocks.find()) {
        ByteArrayInputStream der = new ByteArrayInputStream(decode(blocks.group(1)));
        chain.add((X509Certificate) factory.generateCertificate(der));
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw new TlsCredentialsException(file + ": broken certificate", e);
    }
    if (chain.isEmpty()) {
      throw new TlsCredentialsException(file + ": no PEM block CERTIFICATE");
    }
    return chain;
  }

  static PrivateKey readKey(Path file) throws IOException {
    String text = read(file);
    Matcher pkcs8 = PKCS8_KEY.matcher(text);
    try {
      return pkcs8.find() ? pkcs8(decode(pkcs8.group(1))) : traditional(file, text);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new TlsCredentialsException(file + ": broken private key, or neither RSA nor EC", e);
    }
  }

  /** RFC 5958. The kind of key is inside the encoding, which only a factory of that kind takes. */
  private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
    PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(der);
    try {
      return KeyFactory.getInstance("EC").generatePrivate(encoded);
    } catch (InvalidKeySpecException e) {
      return KeyFactory.getInstance("RSA").generatePrivate(encoded);
    }
  }

  /** {@code RSA PRIVATE KEY} (RFC 8017 §A.1.2) and {@code EC PRIVATE KEY} (RFC 5915). */
  private static PrivateKey traditional(Path file, String text) {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      boolean other = false;
      for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
        if (block instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
        }
        other = true;
      }
      boolean encrypted = text.contains("ENCRYPTED");
      throw new TlsCredentialsException(
          file
              + (encrypted
                  ? ": the private key is encrypted; it has to be stored without a passphrase"
                  : other
                      ? ": no private key among its PEM blocks"
                      : ": no PEM block PRIVATE KEY"));
    } catch (IOException | DecoderException e) {
      throw new TlsCredentialsException(file + ": broken private key", e);
    }
  }

  private static String read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new TlsCredentialsException(file + ": larger than " + MAX_FILE_BYTES + " bytes");
    }
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static byte[] decode(String base64) {
    return Base64.getMimeDecoder().decode(base64);
  }

  private static Pattern block(String label) {
    return Pattern.compile(
        "-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]+)-----END " + label + "-----");
  }
}
