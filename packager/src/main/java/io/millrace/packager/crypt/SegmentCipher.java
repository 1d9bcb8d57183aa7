package io.millrace.packager.crypt;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-128 of whole segments: CBC with PKCS7 padding, whose IV is the media sequence number as a
 * 128-bit number (RFC 8216bis §4.4.4.4, §5.2). One object and one cipher serves a rendition. Not
 * thread-safe.
 */
public final class SegmentCipher {
  private static final int BLOCK_BYTES = 16;
  private final Cipher cipher;

  public SegmentCipher() {
    try {
      cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has AES", e);
    }
  }

  /** The segment whose bytes are {@code parts} one after another, encrypted; a new array. */
  public byte[] encrypt(ContentKey key, long sequence, List<byte[]> parts) {
    byte[] iv = ByteBuffer.allocate(BLOCK_BYTES).putLong(0).putLong(sequence).array();
    int size = parts.stream().mapToInt(part -> part.length).reduce(0, Math::addExact);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, SampleCipher.aes(key), new IvParameterSpec(iv));
      byte[] out = new byte[cipher.getOutputSize(size)];
      int at = 0;
      for (byte[] part : parts) {
        at += cipher.update(part, 0, part.length, out, at);
      }
      at += cipher.doFinal(out, at);
      if (at != out.length) {
        throw new IllegalStateException("the cipher's size is not what it said");
      }
      return out;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES failed", e);
    }
  }
}
