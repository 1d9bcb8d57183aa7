package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;

/**
 * Encrypts and decrypts the payload of data packets in place. Confined to one connection and its
 * thread.
 */
public interface PayloadCipher {
  /**
   * Decrypts a packet whose {@link SrtPacket#keyFlags} are not {@link SrtPacket#KEY_NONE} and then
   * clears them. Borrows the packet, which may be direct or heap.
   *
   * @return false, with the packet as it was, when its key is not known
   */
  boolean decrypt(ByteBuf packet);

  /**
   * Encrypts a packet with the key of the day and sets its {@link SrtPacket#keyFlags}. Called once
   * a packet, before it is first sent: what is sent again are the same bytes. Borrows the packet.
   */
  void encrypt(ByteBuf packet);
}
