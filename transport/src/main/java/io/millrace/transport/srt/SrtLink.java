package io.millrace.transport.srt;

import io.millrace.media.MediaFormatException;
import io.millrace.transport.srt.flow.FlowEnd;
import io.millrace.transport.srt.flow.FlowOutput;
import io.millrace.transport.srt.flow.FlowSettings;
import io.millrace.transport.srt.flow.SrtConnection;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.KeyExchange;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One established connection on its port: joins the engine, the keys, the timer and the listener.
 * Confined to the port's loop, but for {@link #close}, {@link #send} and {@link #statistics}.
 */
final class SrtLink implements FlowOutput {
  private static final Logger LOG = LoggerFactory.getLogger(SrtLink.class);

  /** How exactly a connection that receives is served between packets. */
  private static final long RECEIVING_TICK_US = 10_000;

  /** How exactly one that sends is paced. */
  private static final long SENDING_TICK_US = 1_000;

  private static final long KEY_POLL_US = 100_000;

  private final String sessionId;
  private final SrtPort port;
  private final Source.Peer peer;
  private final @Nullable KeyExchange keys;
  private final int socketId;

  private final SrtConnection connection;
  private final long startUs;
  private final int peerSocketId;

  // Set in attach, in the same task as the constructor.
  @SuppressWarnings("NullAway.Init")
  private SrtPublicationListener listener;

  @SuppressWarnings("NullAway.Init")
  private BiConsumer<EndReason, SrtStatistics> whenEnded;

  private boolean sends;
  private long dueUs = SrtConnection.NEVER;
  private long nextKeyPollUs;
  private @Nullable EndReason end;

  /** Set on the loop when it has ended, and read by whoever asks afterwards. */
  private volatile @Nullable SrtStatistics lastStatistics;

  /**
   * Takes a place on {@code port}; {@link #attach} or {@link #abandon} follows at once. On the
   * loop.
   */
  SrtLink(
      String sessionId,
      SrtPort port,
      int socketId,
      InetSocketAddress peer,
      @Nullable KeyExchange keys,
      FlowSettings settings,
      long nowUs) {
    this.sessionId = sessionId;
    this.port = port;
    this.socketId = socketId;
    this.peer = new Source.Peer(peer);
    this.keys = keys;
    this.startUs = settings.startUs();
    this.peerSocketId = settings.peerSocketId();
    this.connection =
        new SrtConnection(
            settings, keys == null ? null : keys.cipher(), port.channel().alloc(), this, nowUs);
    port.add(this);
  }

  /**
   * Begins.
   *
   * @param whenEnded called on the loop, after the listener's {@code onEnd}
   */
  void attach(
      SrtPublicationListener listener, BiConsumer<EndReason, SrtStatistics> whenEnded, long nowUs) {
    this.listener = listener;
    this.whenEnded = whenEnded;
    rearm(nowUs);
  }

  /** Gives the place back instead of {@link #attach}; the peer is told nothing. */
  void abandon(EndReason reason) {
    end = reason;
    lastStatistics = connection.statistics(port.nowUs());
    port.remove(socketId);
  }

  /** Our timestamp of this instant. */
  int timestampUs(long nowUs) {
    return (int) (nowUs - startUs);
  }

  int socketId() {
    return socketId;
  }

  EventLoop eventLoop() {
    return port.loop();
  }

  InetSocketAddress peer() {
    return peer.address();
  }

  /** Spoofed packets of others fail here; the engine checks the rest. */
  boolean isFrom(Source source) {
    return peer.is(source);
  }

  /** Takes the packet. */
  void onPacket(ByteBuf packet, long nowUs) {
    connection.onPacket(packet, nowUs);
    rearm(nowUs);
  }

  /** Returns when it wants to be called again. */
  long onTimer(long nowUs) {
    if (nowUs < dueUs) {
      return dueUs;
    }
    if (keys != null && nowUs >= nextKeyPollUs) {
      nextKeyPollUs = nowUs + KEY_POLL_US;
      byte[] request = keys.poll(nowUs);
      if (request != null) {
        writeKeyMessage(ExtensionType.KEY_REQUEST, request, nowUs);
      }
    }
    connection.onTimer(nowUs);
    dueUs = due(nowUs);
    return dueUs;
  }

  private void rearm(long nowUs) {
    long wantedUs = due(nowUs);
    if (wantedUs < dueUs || dueUs <= nowUs) {
      dueUs = wantedUs;
      if (wantedUs != SrtConnection.NEVER) {
        port.arm(wantedUs);
      }
    }
  }

  private long due(long nowUs) {
    long wantedUs = connection.dueUs();
    return wantedUs == SrtConnection.NEVER
        ? wantedUs
        : Math.max(wantedUs, nowUs + (sends ? SENDING_TICK_US : RECEIVING_TICK_US));
  }

  @Override
  public void packet(ByteBuf packet) {
    port.write(packet, peer.address());
  }

  @Override
  public void payload(ByteBuf payload, long sourceTimeUs) {
    if (end != null) {
      payload.release();
      return;
    }
    try {
      listener.onPayload(payload, sourceTimeUs);
    } catch (MediaFormatException e) {
      close(EndReason.of(EndReason.Kind.PROTOCOL_ERROR, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("session", sessionId).setCause(e).log("srt payload not taken");
      close(EndReason.of(EndReason.Kind.INTERNAL_ERROR, "internal error"));
    }
  }

  @Override
  public void extension(ByteBuf packet, long nowUs) {
    byte[] response = keys == null ? null : keys.onControl(packet);
    if (response != null) {
      writeKeyMessage(ExtensionType.KEY_RESPONSE, response, nowUs);
    }
  }

  private void writeKeyMessage(int subtype, byte[] body, long nowUs) {
    ByteBuf packet = port.channel().alloc().directBuffer(SrtPacket.HEADER_BYTES + body.length);
    SrtPacket.writeControl(
        packet, ControlType.USER_DEFINED, subtype, 0, timestampUs(nowUs), peerSocketId);
    port.write(packet.writeBytes(body), peer.address());
  }

  @Override
  public void ended(FlowEnd reason) {
    EndReason why = end;
    if (why == null) {
      why =
          switch (reason) {
            case PEER_SHUTDOWN -> EndReason.of(EndReason.Kind.CLEAN, "peer closed");
            case PEER_IDLE -> EndReason.of(EndReason.Kind.TIMEOUT, "nothing came for 5 s");
            case CLOSED -> EndReason.of(EndReason.Kind.CLOSED_LOCALLY, "closed");
          };
      end = why;
    }
    port.remove(socketId);
    SrtStatistics last = connection.statistics(port.nowUs());
    lastStatistics = last;
    try {
      listener.onEnd(why);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("session", sessionId).setCause(e).log("srt end not taken");
    }
    whenEnded.accept(why, last);
  }

  /** Sends one message; takes it. Any thread. */
  void send(ByteBuf payload) {
    EventLoop loop = port.loop();
    if (loop.inEventLoop()) {
      sendNow(payload);
      return;
    }
    try {
      loop.execute(() -> sendNow(payload));
    } catch (RejectedExecutionException e) {
      payload.release();
    }
  }

  private void sendNow(ByteBuf payload) {
    sends = true;
    long nowUs = port.nowUs();
    connection.send(payload, nowUs); // false is counted as pktSndDrop
    rearm(nowUs);
    port.flush();
  }

  /** Any thread; a second call does nothing. */
  void close(EndReason reason) {
    if (port.loop().inEventLoop()) {
      closeNow(reason);
    } else {
      port.loop().execute(() -> closeNow(reason));
    }
  }

  private void closeNow(EndReason reason) {
    if (end == null) {
      end = reason;
      connection.close(port.nowUs());
      port.flush();
    }
  }

  /** Any thread. */
  CompletionStage<SrtStatistics> statistics() {
    CompletableFuture<SrtStatistics> result = new CompletableFuture<>();
    try {
      port.loop()
          .execute(
              () -> {
                SrtStatistics last = lastStatistics;
                result.complete(last != null ? last : connection.statistics(port.nowUs()));
              });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
    return result;
  }
}
