package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/**
 * Takes what a {@link TsDemuxer} finds, on the demultiplexer's thread. What a method throws comes
 * out of {@link TsDemuxer#accept}.
 */
public interface TsListener {
  /**
   * The chosen program: once before its first access unit, and again whenever its streams change.
   * Streams that are in both go on without a break.
   */
  void onProgram(TsProgram program);

  /** An undamaged access unit of a video or audio stream. Its payload is borrowed. */
  void onAccessUnit(ElementaryStream stream, TsAccessUnit unit);

  /**
   * A message of a cue stream: a whole splice_info_section, or an ID3 tag.
   *
   * @param pts presentation time in 90 kHz, 33 bits; {@link TsAccessUnit#NO_TIME} for sections
   * @param message borrowed
   */
  void onCue(ElementaryStream stream, long pts, ByteBuf message);

  /**
   * Something between the stream's units was lost or dropped.
   *
   * @param randomAccess true when it is known to have been a random access point
   */
  void onLoss(ElementaryStream stream, boolean randomAccess);

  /**
   * Something that the publisher should know, and that does not end the session: streams and
   * programs that are not taken. A few in a session, never one a packet.
   */
  void onNote(String note);
}
