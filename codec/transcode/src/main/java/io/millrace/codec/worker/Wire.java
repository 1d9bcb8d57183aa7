package io.millrace.codec.worker;

/**
 * The frames of the connection between a server and a worker, and their limits.
 *
 * <pre>
 *  0                   4      5
 * +-------------------+------+----------------------------
 * | size (u32)        | type | body, size − 1 bytes
 * +-------------------+------+----------------------------
 * </pre>
 *
 * Numbers are big-endian. A server and its workers are one release on one machine, so there is one
 * version, and no other is spoken.
 *
 * <p>Flow control: a side sends events ({@link Message.Event}) as long as fewer than {@link
 * #WINDOW_BYTES} of them are on their way, and the other side says by {@link Message.Credit} what
 * it has used. Nothing else may be sent in any number: {@link Message.Stats} four times a second,
 * the others once.
 */
public final class Wire {
  /** Grows with every change of what is sent. */
  public static final int VERSION = 6;

  /** An access unit, the largest that an RTMP publisher may send, and what is around it. */
  static final int MAX_FRAME_BYTES = 32 << 20;

  /** Everything but an access unit. */
  static final int MAX_CONTROL_BYTES = 256 << 10;

  /** Events on their way in one direction; the one that goes over it is sent. */
  public static final long WINDOW_BYTES = 4L << 20;

  /**
   * What an event costs beside its payload: there may not be any number of small ones either. With
   * this a worker is two to three seconds behind a usual source, of 30 pictures and 47 frames of
   * sound a second, when its server waits, whatever the source's bits.
   */
  static final int EVENT_BYTES = 16 << 10;

  /** Length of the secret that a worker shows first. */
  public static final int TOKEN_BYTES = 16;

  static final int MAX_TEXT_BYTES = 1024;

  /** Rungs of a ladder, and the sound. */
  static final int MAX_RUNGS = 17;

  /** Numbers of lanes: those of a ladder, and of rungs that have left it and deliver the rest. */
  public static final int MAX_LANES = 64;

  private Wire() {}
}
