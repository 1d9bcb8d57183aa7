package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.wire.ChunkLimits;
import io.millrace.transport.rtmp.wire.ChunkReader;
import io.millrace.transport.rtmp.wire.MessageSink;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.millrace.transport.rtmp.wire.ServerHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one publisher's connection: handshake, then messages. Confined to the channel's
 * event loop.
 *
 * <p>Until a publish is accepted a connection holds at most {@link #MAX_UNAUTHENTICATED_BYTES}:
 * unfinished messages up to {@link #UNAUTHENTICATED_LIMITS}, and what was read while the answer to
 * the publish is awaited. No more than that, and no more than {@link #MAX_UNAUTHENTICATED_MESSAGES}
 * messages, are read at all.
 */
final class SessionInput {
  static final int MAX_UNAUTHENTICATED_BYTES = 64 << 10;
  static final ChunkLimits UNAUTHENTICATED_LIMITS = new ChunkLimits(16 << 10, 16 << 10);
  private static final int MAX_UNAUTHENTICATED_MESSAGES = 256;

  /** Whose input it is. */
  interface Host {
    /** The handshake is done. */
    void handshakeDone();

    /** Takes {@code body}. */
    void message(int type, int messageStreamId, long timestampMs, ByteBuf body);

    /** While true nothing is looked at: what comes is held. */
    boolean paused();

    /** Once true, what comes is dropped. */
    boolean over();

    /** Ends the connection: {@code cause} was thrown while reading. */
    void unreadable(RuntimeException cause);
  }

  private final RtmpLink link;
  private final Host host;
  private final ChunkReader reader;
  private final MessageSink sink = this::onMessage;

  /** What was read and not looked at yet. */
  private final HeldInput held =
      new HeldInput(MAX_UNAUTHENTICATED_BYTES - UNAUTHENTICATED_LIMITS.maxHeldBytes());

  private @Nullable ServerHandshake handshake = new ServerHandshake();
  private boolean authenticated;
  private int unauthenticatedMessages;
  private boolean reading;

  SessionInput(ByteBufAllocator allocator, RtmpLink link, Host host) {
    this.link = link;
    this.host = host;
    this.reader = new ChunkReader(allocator, UNAUTHENTICATED_LIMITS);
  }

  /** Memory that is held of the peer's bytes. */
  int heldBytes() {
    return reader.heldBytes() + held.bytes();
  }

  /** Lifts the limits of the unauthenticated. */
  void authenticated(int maxHeldBytes) {
    authenticated = true;
    reader.limits(new ChunkLimits(ChunkLimits.MAX_MESSAGE_BYTES, maxHeldBytes));
  }

  /** Takes {@code in}. */
  void read(ByteBuf in) {
    if (host.paused()) {
      hold(in, /* first= */ false);
    } else {
      readNow(in);
    }
  }

  /** Reads what was held; a no-op inside {@link #read}, which goes on by itself. */
  void resume() {
    if (reading) {
      return;
    }
    while (!host.paused()) {
      ByteBuf in = held.poll();
      if (in == null) {
        return;
      }
      readNow(in);
    }
  }

  /** Drops what is held. */
  void release() {
    handshake = null;
    reader.release();
    held.release();
  }

  private void readNow(ByteBuf in) {
    reading = true;
    try {
      while (in.isReadable() && !host.over() && !host.paused()) {
        if (!readSome(in)) {
          break;
        }
      }
    } catch (RuntimeException e) {
      host.unreadable(e);
    } finally {
      reading = false;
      if (host.paused() && in.isReadable()) {
        hold(in, /* first= */ true);
      } else {
        in.release();
      }
    }
  }

  /**
   * Takes {@code in}.
   *
   * @param first whether it comes before what is held already
   */
  private void hold(ByteBuf in, boolean first) {
    if (!held.add(in, first)) {
      host.unreadable(
          new RtmpProtocolException("sends without waiting for the answer to its publish"));
    }
  }

  /** Whether there may be more to read. */
  private boolean readSome(ByteBuf in) {
    if (handshake != null) {
      ByteBuf reply = handshake.read(in);
      if (reply.isReadable()) {
        link.raw(reply);
      }
      if (handshake.isDone()) {
        handshake = null;
        host.handshakeDone();
      }
      return true;
    }
    int before = in.readableBytes();
    boolean message = reader.readMessage(in, sink);
    link.received(before - in.readableBytes());
    if (!authenticated && link.receivedBytes() > MAX_UNAUTHENTICATED_BYTES) {
      throw new RtmpProtocolException(
          "more than " + MAX_UNAUTHENTICATED_BYTES + " bytes before a publish");
    }
    return message;
  }

  /** Takes {@code body}. */
  private void onMessage(int type, int messageStreamId, long timestampMs, ByteBuf body) {
    if (!authenticated && ++unauthenticatedMessages > MAX_UNAUTHENTICATED_MESSAGES) {
      body.release();
      throw new RtmpProtocolException(
          "more than " + MAX_UNAUTHENTICATED_MESSAGES + " messages before a publish");
    }
    host.message(type, messageStreamId, timestampMs, body);
  }

  /** For messages inside of messages. */
  MessageSink sink() {
    return sink;
  }
}
