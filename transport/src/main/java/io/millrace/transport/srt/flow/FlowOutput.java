package io.millrace.transport.srt.flow;

import io.netty.buffer.ByteBuf;

/**
 * What an {@link SrtConnection} does to the outside, called from within its methods and so on its
 * thread. Implementations may call {@link SrtConnection#send} and {@link SrtConnection#close} from
 * here.
 */
public interface FlowOutput {
  /**
   * A datagram for the peer. Takes one reference, to be released when it is sent.
   *
   * <p>A data packet shares its bytes with the send buffer, and the same buffer is handed out again
   * when it is sent again: read it by absolute indices, and change neither indices nor bytes.
   */
  void packet(ByteBuf packet);

  /**
   * A message of the peer, in order, when its time has come. Takes the buffer: it is the datagram,
   * readable from its payload on.
   *
   * @param sourceTimeUs when it was sent, on the connection's clock; corrected for drift
   */
  void payload(ByteBuf payload, long sourceTimeUs);

  /**
   * A control packet of type 0x7FFF, such as a key request (draft-sharabayko-srt-01 §3.2.2).
   * Borrows.
   */
  void extension(ByteBuf packet, long nowUs);

  /** The connection holds nothing any more and calls nothing after this. Called once. */
  void ended(FlowEnd reason);
}
