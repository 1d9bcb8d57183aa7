package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The stream keys of one connection: even and odd, for each direction. Confined to the connection's
 * thread.
 *
 * <p>The keys of the handshake serve both directions; later the peer announces the keys that it
 * sends with by {@link #accept}, and {@link SenderKeys} announces ours.
 */
public final class SrtCipher implements PayloadCipher {
  private static final int EVEN = 0;
  private static final int ODD = 1;

  private final AesCtr.Scratch scratch = new AesCtr.Scratch();
  private final @Nullable AesCtr[] receiving = new @Nullable AesCtr[2];
  private final @Nullable AesCtr[] sending = new @Nullable AesCtr[2];
  private final KeyEncryptingKey wrapper;
  private int current;
  private long packetsWithCurrent;

  /**
   * @param wrapper what {@code material} was wrapped with
   * @param material of the handshake
   * @param keys its keys, unwrapped
   */
  public SrtCipher(KeyEncryptingKey wrapper, KeyMaterial material, byte[] keys) {
    this.wrapper = wrapper;
    install(receiving, material, keys);
    install(sending, material, keys);
    current = (material.keyFlags() & SrtPacket.KEY_EVEN) != 0 ? EVEN : ODD;
  }

  /**
   * Takes new keys of the peer's.
   *
   * @return false when they are wrapped with another passphrase, or with another salt or length
   *     than the handshake's: deriving a key for those would cost milliseconds on the event loop,
   *     whenever a peer likes
   */
  public boolean accept(KeyMaterial material) {
    if (!wrapper.fits(material)) {
      return false;
    }
    byte[] keys = wrapper.unwrap(material);
    if (keys == null) {
      return false;
    }
    install(receiving, material, keys);
    Arrays.fill(keys, (byte) 0);
    return true;
  }

  @Override
  public boolean decrypt(ByteBuf packet) {
    int keyFlags = SrtPacket.keyFlags(packet);
    AesCtr key =
        switch (keyFlags) {
          case SrtPacket.KEY_EVEN -> receiving[EVEN];
          case SrtPacket.KEY_ODD -> receiving[ODD];
          default -> null;
        };
    if (key == null) {
      return false;
    }
    apply(key, packet);
    SrtPacket.setKeyFlags(packet, SrtPacket.KEY_NONE);
    return true;
  }

  @Override
  public void encrypt(ByteBuf packet) {
    AesCtr key = sending[current];
    if (key == null) {
      throw new IllegalStateException("no key to send with");
    }
    apply(key, packet);
    SrtPacket.setKeyFlags(packet, current == EVEN ? SrtPacket.KEY_EVEN : SrtPacket.KEY_ODD);
    packetsWithCurrent++;
  }

  /** Packets encrypted since the key of the day was taken into use. */
  long packetsWithCurrent() {
    return packetsWithCurrent;
  }

  /** {@link SrtPacket#KEY_EVEN} or {@code KEY_ODD}: what packets are encrypted with. */
  int currentFlag() {
    return current == EVEN ? SrtPacket.KEY_EVEN : SrtPacket.KEY_ODD;
  }

  KeyEncryptingKey wrapper() {
    return wrapper;
  }

  /** Puts the key that is not in use in place. */
  void installNext(byte[] key) {
    sending[1 - current] = new AesCtr(wrapper.salt(), key, 0, key.length);
  }

  /** From here on packets are encrypted with the other key. */
  void switchKey() {
    current = 1 - current;
    packetsWithCurrent = 0;
  }

  private void apply(AesCtr key, ByteBuf packet) {
    key.apply(
        SrtPacket.sequence(packet),
        packet,
        SrtPacket.payloadIndex(packet),
        SrtPacket.payloadBytes(packet),
        scratch);
  }

  private static void install(@Nullable AesCtr[] direction, KeyMaterial material, byte[] keys) {
    if (keys.length != material.keyCount() * material.keyBytes()) {
      throw new IllegalArgumentException("keys of a wrong length");
    }
    int offset = 0;
    for (int parity = EVEN; parity <= ODD; parity++) {
      if ((material.keyFlags() & (1 << parity)) != 0) {
        direction[parity] = new AesCtr(material.salt(), keys, offset, material.keyBytes());
        offset += material.keyBytes();
      }
    }
  }
}
