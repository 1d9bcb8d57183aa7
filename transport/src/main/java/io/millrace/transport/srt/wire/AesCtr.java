package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES in counter mode with one stream encrypting key (draft-sharabayko-srt-01 §6.2.2).
 *
 * <pre>
 *  counter block = (0 × 10 bytes | packet index, 4 bytes | block number, 2 bytes)
 *                  XOR (first 14 bytes of the salt | 0 0)
 * </pre>
 *
 * The key stream is made by AES-ECB over all counter blocks of a packet at once: that needs no new
 * initialisation vector, and so no garbage and no key set-up, per packet. Confined to one thread.
 */
final class AesCtr {
  private static final int BLOCK_BYTES = 16;
  private static final int INDEX_SHIFT = 16;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Cipher ecb;
  private final long saltHigh;
  private final long saltLow;

  /**
   * @param salt {@link KeyMaterial#SALT_BYTES} bytes
   * @param keys holds the key
   * @param offset where in {@code keys} it starts
   * @param keyBytes 16, 24 or 32
   */
  AesCtr(byte[] salt, byte[] keys, int offset, int keyBytes) {
    saltHigh = (long) LONGS.get(salt, 0);
    saltLow = (long) LONGS.get(salt, Long.BYTES) & ~0xFFFFL;
    try {
      ecb = Cipher.getInstance("AES/ECB/NoPadding");
      ecb.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keys, offset, keyBytes, "AES"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES is not available", e);
    }
  }

  /**
   * XORs the key stream of one packet onto {@code length} bytes, which encrypts or decrypts them.
   * Borrows {@code buffer}.
   */
  void apply(int packetIndex, ByteBuf buffer, int index, int length, Scratch scratch) {
    int blocks = (length + BLOCK_BYTES - 1) / BLOCK_BYTES;
    byte[] stream = keyStream(packetIndex, blocks, scratch);
    int at = 0;
    for (; at <= length - Long.BYTES; at += Long.BYTES) {
      buffer.setLong(index + at, buffer.getLong(index + at) ^ (long) LONGS.get(stream, at));
    }
    for (; at < length; at++) {
      buffer.setByte(index + at, buffer.getByte(index + at) ^ stream[at]);
    }
  }

  private byte[] keyStream(int packetIndex, int blocks, Scratch scratch) {
    scratch.ensure(blocks * BLOCK_BYTES);
    byte[] counters = scratch.counters;
    long low = saltLow ^ ((packetIndex & 0xFFFF_FFFFL) << INDEX_SHIFT);
    for (int block = 0; block < blocks; block++) {
      LONGS.set(counters, block * BLOCK_BYTES, saltHigh);
      LONGS.set(counters, block * BLOCK_BYTES + Long.BYTES, low | block);
    }
    try {
      ecb.update(counters, 0, blocks * BLOCK_BYTES, scratch.stream, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException(e);
    }
    return scratch.stream;
  }

  /** Memory for one packet's key stream, shared by the keys of a connection. */
  static final class Scratch {
    private byte[] counters = new byte[0];
    private byte[] stream = new byte[0];

    /** Datagrams have at most 64 KiB, so the block number never outgrows its 16 bits. */
    private void ensure(int bytes) {
      if (counters.length < bytes) {
        counters = new byte[bytes];
        stream = new byte[bytes];
      }
    }
  }
}
