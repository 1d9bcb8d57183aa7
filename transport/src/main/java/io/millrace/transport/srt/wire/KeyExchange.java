package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Key messages of an encrypted connection after its handshake (draft-sharabayko-srt-01 §3.2.2,
 * §6.1.6), both directions. Confined to the connection's thread.
 */
public final class KeyExchange {
  private final SrtCipher cipher;
  private final SenderKeys sender;
  private byte[] lastAccepted;

  private KeyExchange(SrtCipher cipher, SenderKeys sender, byte[] lastAccepted) {
    this.cipher = cipher;
    this.sender = sender;
    this.lastAccepted = lastAccepted;
  }

  /**
   * Takes the key request of a caller's conclusion.
   *
   * @param body of the request
   * @param passphrase that it is to be wrapped with
   * @throws HandshakeException with {@link RejectCode#BAD_SECRET} when it is wrapped with another,
   *     and with other codes when it is no key request that we know
   */
  public static KeyExchange accept(
      byte[] body,
      String passphrase,
      SecureRandom random,
      long refreshPackets,
      long announcePackets)
      throws HandshakeException {
    KeyMaterial material = KeyMaterial.parse(body);
    KeyEncryptingKey wrapper =
        KeyEncryptingKey.derive(passphrase, material.salt(), material.keyBytes());
    byte[] keys = wrapper.unwrap(material);
    if (keys == null) {
      throw new HandshakeException(RejectCode.BAD_SECRET, "wrong passphrase");
    }
    return of(wrapper, material, keys, body, random, refreshPackets, announcePackets);
  }

  /**
   * Makes the keys of a caller.
   *
   * @param keyBytes 16, 24 or 32
   */
  public static KeyExchange create(
      String passphrase,
      int keyBytes,
      SecureRandom random,
      long refreshPackets,
      long announcePackets) {
    byte[] salt = new byte[KeyMaterial.SALT_BYTES];
    byte[] key = new byte[keyBytes];
    random.nextBytes(salt);
    random.nextBytes(key);
    KeyEncryptingKey wrapper = KeyEncryptingKey.derive(passphrase, salt, keyBytes);
    KeyMaterial material = wrapper.wrap(SrtPacket.KEY_EVEN, key);
    return of(wrapper, material, key, material.toBytes(), random, refreshPackets, announcePackets);
  }

  private static KeyExchange of(
      KeyEncryptingKey wrapper,
      KeyMaterial material,
      byte[] keys,
      byte[] body,
      SecureRandom random,
      long refreshPackets,
      long announcePackets) {
    SrtCipher cipher = new SrtCipher(wrapper, material, keys);
    byte[] first = Arrays.copyOf(keys, material.keyBytes());
    return new KeyExchange(
        cipher, new SenderKeys(cipher, first, random, refreshPackets, announcePackets), body);
  }

  public SrtCipher cipher() {
    return cipher;
  }

  /** The key message of the handshake: a caller's request, which is a listener's answer as well. */
  public byte[] handshakeBody() {
    return lastAccepted.clone();
  }

  /**
   * A control packet of type {@link ControlType#USER_DEFINED} came. Borrows.
   *
   * @return the body of a key response to be sent, or null
   */
  public byte @Nullable [] onControl(ByteBuf packet) {
    int bytes = SrtPacket.payloadBytes(packet);
    int subtype = SrtPacket.subtype(packet);
    if ((subtype != ExtensionType.KEY_REQUEST && subtype != ExtensionType.KEY_RESPONSE)
        || bytes > KeyMaterial.MAX_BYTES) {
      return null;
    }
    byte[] body = new byte[bytes];
    packet.getBytes(SrtPacket.payloadIndex(packet), body);
    if (subtype == ExtensionType.KEY_RESPONSE) {
      sender.onResponse(body);
      return null;
    }
    return onRequest(body);
  }

  private byte @Nullable [] onRequest(byte[] body) {
    if (!Arrays.equals(body, lastAccepted)) {
      try {
        if (!cipher.accept(KeyMaterial.parse(body))) {
          return null;
        }
      } catch (HandshakeException e) {
        return null; // libsrt with enforced encryption is silent too
      }
      lastAccepted = body;
    }
    return body;
  }

  /** See {@link SenderKeys#poll}. */
  public byte @Nullable [] poll(long nowUs) {
    return sender.poll(nowUs);
  }
}
