package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Has callers prove their address by Retry (RFC 9000 §8.1.2), but only while many handshakes are
 * under way: a Retry costs a round trip, which is what early data is there to save.
 *
 * <pre>
 * made at, ns (64) | HMAC-SHA-256 of address, port, time and id, cut (128) | original destination id
 * </pre>
 *
 * Nothing is remembered of who was asked. Confined to one event loop.
 */
final class AddressValidation implements QuicTokenHandler {
  static final int KEY_BYTES = 32;
  private static final String MAC = "HmacSHA256";
  private static final int TAG_BYTES = 16;
  private static final int HEAD_BYTES = Long.BYTES + TAG_BYTES;
  private static final int MAX_ID_BYTES = 20;
  private static final long LIFE_NS = Duration.ofSeconds(10).toNanos();

  private final BooleanSupplier wanted;
  private final LongSupplier clockNs;
  private final Mac mac;

  /**
   * @param key random, the same on every socket of the listener
   * @param wanted whether to ask who has no token
   */
  AddressValidation(byte[] key, BooleanSupplier wanted, LongSupplier clockNs) {
    this.wanted = wanted;
    this.clockNs = clockNs;
    try {
      mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  /** Borrows both buffers. */
  @Override
  public boolean writeToken(ByteBuf out, ByteBuf id, InetSocketAddress address) {
    if (!wanted.getAsBoolean()) {
      return false;
    }
    byte[] original = ByteBufUtil.getBytes(id);
    long nowNs = clockNs.getAsLong();
    out.writeLong(nowNs).writeBytes(tag(nowNs, original, address)).writeBytes(original);
    return true;
  }

  /** Borrows the token. A wrong one has its packet dropped, so nobody learns why. */
  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int idBytes = token.readableBytes() - HEAD_BYTES;
    if (idBytes < 0 || idBytes > MAX_ID_BYTES) {
      return -1;
    }
    byte[] bytes = ByteBufUtil.getBytes(token);
    long madeNs = ByteBuffer.wrap(bytes).getLong();
    byte[] tag = Arrays.copyOfRange(bytes, Long.BYTES, HEAD_BYTES);
    byte[] original = Arrays.copyOfRange(bytes, HEAD_BYTES, bytes.length);
    boolean ours = MessageDigest.isEqual(tag, tag(madeNs, original, address));
    return ours && clockNs.getAsLong() - madeNs <= LIFE_NS ? HEAD_BYTES : -1;
  }

  @Override
  public int maxTokenLength() {
    return HEAD_BYTES + MAX_ID_BYTES;
  }

  private byte[] tag(long madeNs, byte[] original, InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    ByteBuffer input = ByteBuffer.allocate(1 + ip.length + Short.BYTES + Long.BYTES);
    input.put((byte) ip.length).put(ip).putShort((short) address.getPort()).putLong(madeNs);
    mac.update(input.array());
    return Arrays.copyOf(mac.doFinal(original), TAG_BYTES);
  }
}
