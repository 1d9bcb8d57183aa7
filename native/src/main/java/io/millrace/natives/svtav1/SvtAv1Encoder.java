package io.millrace.natives.svtav1;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One SVT-AV1 encoder: {@code set}*, {@code start}, then {@code send} and {@code receive} in turn,
 * {@code sendEnd}, {@code receive} up to {@link Received#END}, {@code close}. Confined to one
 * thread; the library's own threads do the work.
 */
public final class SvtAv1Encoder implements AutoCloseable {
  /** What {@link #receive} found. */
  public enum Received {
    /** A packet is waiting: read its facts, then {@link #take} it. */
    PACKET,
    /** None yet. */
    NOTHING,
    /** All packets have been delivered. */
    END
  }

  private final long[] facts = new long[5];
  private long handle;

  SvtAv1Encoder(long handle) {
    this.handle = handle;
  }

  /**
   * Sets a parameter by the name that {@code svt_av1_enc_parse_parameter} knows.
   *
   * @return false when this version does not know it, or not this value
   */
  public boolean set(String name, String value) {
    return SvtAv1Native.setParameter(handle(), name, value) == SvtAv1Native.OK;
  }

  /**
   * Checks the configuration as a whole and starts the encoder's threads.
   *
   * @throws SvtAv1Exception when the library refuses the configuration
   */
  public void start() {
    check("start", SvtAv1Native.startEncoder(handle()));
  }

  /** The sequence header OBU (AV1 §5.5), a copy. */
  public byte[] sequenceHeader() {
    return SvtAv1Native.sequenceHeader(handle());
  }

  /**
   * Sends a picture by the addresses of its planes; they are read before this returns. Waits while
   * the encoder's input is full.
   *
   * @param y address of {@code yStride × height} bytes; {@code cb} and {@code cr} likewise
   * @param pts any unit, strictly increasing
   * @param key true for a key frame here
   * @param bitRateBps a new target from here on, which versions from 2.0 take on key frames; 0
   *     leaves it
   */
  public void send(
      long y,
      long cb,
      long cr,
      int yStride,
      int cbStride,
      int crStride,
      long pts,
      boolean key,
      int bitRateBps) {
    check(
        "send_picture",
        SvtAv1Native.sendPicture(
            handle(), y, cb, cr, yStride, cbStride, crStride, pts, key, bitRateBps));
  }

  /** Says that no more pictures come. */
  public void sendEnd() {
    check("send_picture (end)", SvtAv1Native.sendEnd(handle()));
  }

  /**
   * Asks for the next packet, in decoding order.
   *
   * @param allSent true after {@link #sendEnd}: waits for a packet. Otherwise waits only in
   *     low-delay modes of versions from 2.3, which give one packet a picture: never ask twice
   *     there
   * @throws SvtAv1Exception when the encoder has failed
   */
  public Received receive(boolean allSent) {
    int result = SvtAv1Native.receivePacket(handle(), facts, allSent);
    if (result == SvtAv1Native.EMPTY_QUEUE) {
      return Received.NOTHING;
    }
    check("get_packet", result);
    if (sizeBytes() == 0) {
      boolean end = endOfStream();
      take(null, 0);
      return end ? Received.END : Received.NOTHING;
    }
    return Received.PACKET;
  }

  /** Presentation time of the packet that was received. */
  public long pts() {
    return facts[0];
  }

  /** True for a key frame. */
  public boolean key() {
    return facts[2] == SvtAv1Native.PICTURE_KEY;
  }

  /** True when this packet is the last one. */
  public boolean endOfStream() {
    return (facts[3] & SvtAv1Native.FLAG_EOS) != 0;
  }

  /** Size of the packet: one temporal unit with its temporal delimiter. */
  public int sizeBytes() {
    return Math.toIntExact(facts[4]);
  }

  /**
   * Copies the packet and gives it back to the library.
   *
   * @param target direct, with {@link #sizeBytes} bytes from {@code offset} on; null for an empty
   *     packet
   */
  public void take(@Nullable ByteBuffer target, int offset) {
    SvtAv1Native.takePacket(handle(), target, offset);
  }

  /** Stops the encoder's threads and frees it; idempotent. */
  @Override
  public void close() {
    if (handle != 0) {
      long closing = handle;
      handle = 0;
      SvtAv1Native.closeEncoder(closing);
    }
  }

  private long handle() {
    if (handle == 0) {
      throw new IllegalStateException("encoder is closed");
    }
    return handle;
  }

  private static void check(String call, int code) {
    if (code != SvtAv1Native.OK) {
      throw new SvtAv1Exception(call, code);
    }
  }
}
