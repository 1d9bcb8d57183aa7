package io.millrace.transport.srt;

import io.millrace.transport.srt.flow.FlowSettings;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeExtension.Capabilities;
import io.millrace.transport.srt.wire.KeyExchange;
import io.millrace.transport.srt.wire.RejectCode;
import io.millrace.transport.srt.wire.SequenceNumber;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls an SRT listener, to receive from it or to send to it. Each call has a socket of its own,
 * which hears the listener only. Confined to its event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of closing and of timers
public final class SrtCaller {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final EventLoop loop;
  private final InetSocketAddress remote;
  private final SrtCallerSettings settings;
  private final @Nullable KeyExchange keys;
  private final SrtPublicationListener listener;
  private final CompletableFuture<SrtCall> result;
  private final SrtPort port;

  // Set when the channel opens, on the loop.
  @SuppressWarnings("NullAway.Init")
  private CallerHandshake handshake;

  private int socketId;
  private int initialSequence;
  private long startUs;
  private long deadlineUs;
  private boolean over;

  private SrtCaller(
      EventLoop loop,
      InetSocketAddress remote,
      SrtCallerSettings settings,
      @Nullable KeyExchange keys,
      SrtPublicationListener listener,
      CompletableFuture<SrtCall> result) {
    this.loop = loop;
    this.remote = remote;
    this.settings = settings;
    this.keys = keys;
    this.listener = listener;
    this.result = result;
    this.port = new SrtPort(loop, 0, Ticker.systemTicker(), ReceivePath.wanted());
  }

  /**
   * Calls.
   *
   * @param loop on which the connection lives, borrowed
   * @param remote resolved here, off the loop, when it is not yet
   * @param listener of what comes; {@code onEnd} is called only for a call that was answered
   * @return completes on the loop with the connection, or with an {@link SrtConnectException} that
   *     says what the listener said; with another {@link IOException} when there is no network
   */
  public static CompletableFuture<SrtCall> connect(
      EventLoop loop,
      InetSocketAddress remote,
      SrtCallerSettings settings,
      SrtPublicationListener listener) {
    CompletableFuture<SrtCall> result = new CompletableFuture<>();
    // Names are resolved and keys are derived where it may take its time.
    Thread.ofVirtual()
        .name("srt-call")
        .start(
            () -> {
              try {
                InetSocketAddress resolved = resolve(remote);
                SrtCaller caller =
                    new SrtCaller(loop, resolved, settings, keys(settings), listener, result);
                loop.execute(caller::open);
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  private static InetSocketAddress resolve(InetSocketAddress remote) throws IOException {
    return remote.isUnresolved()
        ? new InetSocketAddress(InetAddress.getByName(remote.getHostString()), remote.getPort())
        : remote;
  }

  private static @Nullable KeyExchange keys(SrtCallerSettings settings) {
    String passphrase = settings.passphrase();
    return passphrase == null
        ? null
        : KeyExchange.create(
            passphrase,
            settings.keyBytes(),
            RANDOM,
            settings.keyRefreshPackets(),
            settings.keyAnnouncePackets());
  }

  private void open() {
    UdpChannels.connect(loop, remote, settings.socketBufferBytes(), new Starter())
        .addListener(
            opened -> {
              if (opened.isSuccess()) {
                begin();
              } else {
                fail(new IOException("cannot reach udp " + remote, opened.cause()));
              }
            });
  }

  private void begin() {
    socketId = port.newSocketId();
    initialSequence = ThreadLocalRandom.current().nextInt() & SequenceNumber.MAX;
    startUs = port.nowUs();
    deadlineUs = startUs + TimeUnit.MILLISECONDS.toMicros(settings.connectDeadline().toMillis());
    handshake =
        new CallerHandshake(
            settings,
            socketId,
            initialSequence,
            keys == null ? null : keys.handshakeBody(),
            Handshake.PeerAddress.of(remote.getAddress()));
    poll();
  }

  private void poll() {
    if (over) {
      return;
    }
    long nowUs = port.nowUs();
    if (nowUs >= deadlineUs) {
      fail(new SrtConnectException(RejectCode.TIMEOUT, "the listener did not answer"));
      return;
    }
    sendDue(nowUs);
    loop.schedule(
        this::poll, Math.min(CallerHandshake.RETRY_US, deadlineUs - nowUs), TimeUnit.MICROSECONDS);
  }

  private void sendDue(long nowUs) {
    Handshake due = handshake.poll(nowUs);
    if (due != null) {
      ByteBuf packet = port.channel().alloc().directBuffer(Handshake.PACKET_BYTES);
      due.write(packet, (int) (nowUs - startUs), 0);
      port.write(packet, remote);
      port.flush();
    }
  }

  private void onHandshake(ByteBuf packet, InetSocketAddress from, long nowUs) {
    if (over || handshake == null || !from.equals(remote)) {
      return; // an answer that was repeated, for one
    }
    switch (handshake.onPacket(packet, nowUs)) {
      case CallerHandshake.Outcome.Pending() -> sendDue(nowUs);
      case CallerHandshake.Outcome.Refused(int code) -> fail(SrtConnectException.rejected(code));
      case CallerHandshake.Outcome.Connected(
              Negotiation negotiation,
              long peerStartUs,
              long rttUs) ->
          connected(negotiation, peerStartUs, rttUs, nowUs);
    }
  }

  private void connected(Negotiation answer, long peerStartUs, long rttUs, long nowUs) {
    over = true;
    Capabilities theirs = answer.capabilities();
    FlowSettings flow =
        answer.flow(
            initialSequence,
            startUs,
            peerStartUs,
            rttUs,
            Negotiation.callersLatencyMs(settings.latency().toMillis(), theirs.senderLatencyMs()),
            Negotiation.callersLatencyMs(
                settings.peerLatency().toMillis(), theirs.receiverLatencyMs()),
            settings.windowPackets(),
            settings.maxHeldBytes());
    SrtLink link =
        new SrtLink("srt-call-%08x".formatted(socketId), port, socketId, remote, keys, flow, nowUs);
    link.attach(listener, (_, _) -> loop.execute(() -> port.channel().close()), nowUs);
    if (!result.complete(new Call(link, flow.maxPayloadBytes()))) {
      link.close(EndReason.of(EndReason.Kind.CLOSED_LOCALLY, "cancelled"));
    }
  }

  private void fail(IOException why) {
    if (!over) {
      over = true;
      if (handshake != null) {
        port.channel().close();
      }
      result.completeExceptionally(why);
    }
  }

  private final class Starter extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      port.start(new SrtPort[] {port}, SrtCaller.this::onHandshake, channel);
      channel.pipeline().addLast(port);
    }
  }

  private record Call(SrtLink link, int maxPayloadBytes) implements SrtCall {
    @Override
    public InetSocketAddress remote() {
      return link.peer();
    }

    @Override
    public EventLoop eventLoop() {
      return link.eventLoop();
    }

    @Override
    public void send(ByteBuf payload) {
      int bytes = payload.readableBytes();
      if (bytes == 0 || bytes > maxPayloadBytes) {
        payload.release();
        throw new IllegalArgumentException("a message of " + bytes + " bytes");
      }
      link.send(payload);
    }

    @Override
    public void close(String reason) {
      link.close(EndReason.of(EndReason.Kind.CLOSED_LOCALLY, reason));
    }

    @Override
    public CompletionStage<SrtStatistics> statistics() {
      return link.statistics();
    }
  }
}
