package io.millrace.transport.http;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Four things that Netty's QUIC channel does not offer, reached past its access rules. Where a
 * version of Netty has them no longer, HTTP/3 goes on: requests come after the handshake, that a
 * client wants no reply is noticed when the reply is sent, and a client whose new path was given up
 * has to connect again.
 */
final class QuicInternals {
  private static final Logger LOG = LoggerFactory.getLogger(QuicInternals.class);
  private static final String CHANNEL = "io.netty.handler.codec.quic.QuicheQuicChannel";

  private static final String CONNECTION = "io.netty.handler.codec.quic.QuicheQuicConnection";
  private static final String NATIVES = "io.netty.handler.codec.quic.Quiche";

  /** Of quiche: there is no room now. Any other negative capacity: there never will be. */
  private static final long ERR_DONE = -1;

  /**
   * @param streamReadable boolean field: quiche may have streams to read
   * @param streamCapacity long (channel, long streamId): room in a stream's direction to the peer
   * @param streamClosed void (channel, long streamId): forgets a stream
   * @param connection field: quiche's connection, and a handle of its address
   * @param address long (connection): of quiche's memory
   * @param onTimeout void (long address): does what timers have come due for
   */
  private record Handles(
      VarHandle streamReadable,
      MethodHandle streamCapacity,
      MethodHandle streamClosed,
      VarHandle connection,
      MethodHandle address,
      MethodHandle onTimeout) {}

  private static final @Nullable Handles HANDLES = find();

  private QuicInternals() {}

  /** True when early data can be delivered before the handshake has ended. */
  static boolean available() {
    return HANDLES != null;
  }

  /**
   * Delivers the streams that quiche has read from early data. Netty looks for them only when the
   * next packet comes, and that is the one which ends the handshake.
   */
  static void deliver(QuicChannel channel) {
    if (HANDLES != null && channel.isOpen()) {
      HANDLES.streamReadable.set(channel, true);
      var _ = channel.read(); // does nothing before quiche has the keys of early data
    }
  }

  /**
   * True when the peer has sent STOP_SENDING (RFC 9000 §19.5). Netty tells it to nobody when
   * nothing waits to be sent, and lets what comes later wait for ever.
   */
  static boolean outputStopped(QuicStreamChannel stream) {
    if (HANDLES == null || !stream.isOpen() || !stream.parent().isOpen()) {
      return false;
    }
    try {
      long capacity = (long) HANDLES.streamCapacity.invokeExact(stream.parent(), stream.streamId());
      return capacity < 0 && capacity != ERR_DONE;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // it throws nothing
    }
  }

  /** Has the connection forget a stream that the peer has reset: Netty waits for its FIN. */
  static void forget(QuicStreamChannel stream) {
    if (HANDLES != null && !stream.isOpen()) {
      try {
        HANDLES.streamClosed.invokeExact(stream.parent(), stream.streamId());
      } catch (Throwable e) {
        throw new IllegalStateException(e); // it throws nothing
      }
    }
  }

  /**
   * Puts a validated path in the place of one that was given up, and is the active one all the same
   * because the client sends from there. quiche does that whenever it looks at its timers; until
   * then the connection has no path at all, and quiche ends it with the next datagram.
   *
   * @return false when that cannot be had
   */
  static boolean useAnotherPath(QuicChannel channel) {
    if (HANDLES == null || !channel.isOpen()) {
      return false;
    }
    try {
      Object connection = HANDLES.connection.get(channel);
      HANDLES.onTimeout.invokeExact((long) HANDLES.address.invoke(connection));
      return true;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // it throws nothing
    }
  }

  private static @Nullable Handles find() {
    try {
      Class<?> channel = Class.forName(CHANNEL);
      Class<?> connection = Class.forName(CONNECTION);
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(channel, MethodHandles.lookup());
      return new Handles(
          lookup.findVarHandle(channel, "streamReadable", boolean.class),
          lookup
              .findVirtual(channel, "streamCapacity", MethodType.methodType(long.class, long.class))
              .asType(MethodType.methodType(long.class, QuicChannel.class, long.class)),
          lookup
              .findVirtual(channel, "streamClosed", MethodType.methodType(void.class, long.class))
              .asType(MethodType.methodType(void.class, QuicChannel.class, long.class)),
          lookup.findVarHandle(channel, "connection", connection),
          MethodHandles.privateLookupIn(connection, MethodHandles.lookup())
              .findVirtual(connection, "address", MethodType.methodType(long.class)),
          MethodHandles.privateLookupIn(Class.forName(NATIVES), MethodHandles.lookup())
              .findStatic(
                  Class.forName(NATIVES),
                  "quiche_conn_on_timeout",
                  MethodType.methodType(void.class, long.class)));
    } catch (ReflectiveOperationException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.toString())
          .log("early data over quic is delivered after the handshake only");
      return null;
    }
  }
}
