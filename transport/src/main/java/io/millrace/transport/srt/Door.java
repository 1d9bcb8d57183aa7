package io.millrace.transport.srt;

import io.millrace.media.StreamKey;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.KeyExchange;
import io.millrace.transport.srt.wire.RejectCode;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A listener's side of handshakes on one port (draft-sharabayko-srt-01 §4.3.1).
 *
 * <pre>
 *  induction ──────► cookie                       nothing is kept
 *  conclusion ─────► cookie right? else silence   nothing is kept
 *                    well-formed, limits?         refused, nothing is kept
 *                    authorize(...)               an {@link Arrival}; repeats are absorbed
 *                    passphrase right?            on a thread for that: it costs milliseconds
 *                    opened(...)                  on the connection's loop
 *                    answer                       repeats get the same answer
 * </pre>
 *
 * An answer is never longer than what asked for it until the caller has proved its address.
 * Confined to the port's loop.
 */
final class Door implements SrtPort.Handshakes {
  /** For how long a refused caller that repeats itself is told again. */
  private static final long REFUSAL_KEPT_MS = 3_000;

  private static final int MAX_REFUSALS_KEPT = 1024;

  private final ListenerContext context;
  private final SrtPort port;
  private final CookieBaker cookies;
  private final TokenBucket inductions;
  private final Map<Arrival.Caller, Arrival> arrivals = new HashMap<>();
  private int refusalsKept;

  Door(ListenerContext context, SrtPort port) {
    this.context = context;
    this.port = port;
    this.cookies = new CookieBaker(context.cookieSecret());
    this.inductions = new TokenBucket(context.settings().inductionsPerSecond(), port.nowUs());
  }

  @Override
  public void onHandshake(ByteBuf packet, InetSocketAddress from, long nowUs) {
    if (!Handshake.isComplete(packet) || from.getPort() == 0) {
      return;
    }
    switch (Handshake.type(packet)) {
      case Handshake.INDUCTION -> induct(packet, from, nowUs);
      case Handshake.CONCLUSION -> {
        if (cookies.isGood(Handshake.cookie(packet), from, nowUs)) {
          conclude(packet, from, nowUs);
        }
      }
      default -> {} // rendezvous and refusals: nothing that a listener answers
    }
  }

  private void induct(ByteBuf packet, InetSocketAddress from, long nowUs) {
    if (!inductions.take(nowUs)) {
      return;
    }
    Handshake asked = Handshake.parseFixed(packet);
    Handshake answer =
        new Handshake(
            Handshake.VERSION_5,
            0,
            Handshake.MAGIC,
            asked.initialSequence(),
            asked.mtuBytes(),
            asked.flowWindowPackets(),
            Handshake.INDUCTION,
            asked.socketId(),
            cookies.bake(from, nowUs),
            Handshake.PeerAddress.of(from.getAddress()),
            List.of());
    send(answer, asked.socketId(), from, 0);
  }

  private void conclude(ByteBuf packet, InetSocketAddress from, long nowUs) {
    Handshake fixed = Handshake.parseFixed(packet);
    Arrival known = arrivals.get(new Arrival.Caller(from, fixed.socketId()));
    if (known != null) {
      Handshake answer = known.answer();
      if (answer != null) {
        sendAnswer(known, answer);
      }
      return;
    }
    String sessionId = "srt-%016x".formatted(ThreadLocalRandom.current().nextLong());
    HandshakeLimiter.Lease lease = null;
    StreamId streamId = null;
    try {
      Negotiation wish =
          Negotiation.of(
              Handshake.parse(packet),
              ExtensionType.HANDSHAKE_REQUEST,
              context.settings().mtuBytes());
      if (context.isClosing()) {
        throw new HandshakeException(RejectCode.CLOSE, "the server is shutting down");
      }
      streamId = StreamId.parse(wish.streamId());
      lease = context.limiter().tryAcquire(from.getAddress());
      if (lease == null) {
        throw new HandshakeException(RejectCode.OVERLOAD, "too many connections");
      }
      SrtRequest request =
          new SrtRequest(sessionId, streamId, from, wish.keys() != null, wish.version());
      Arrival arrival =
          new Arrival(
              new Arrival.Caller(from, fixed.socketId()),
              wish,
              request,
              lease,
              nowUs - SrtPacket.timestampUs(packet));
      arrivals.put(arrival.caller, arrival);
      authorize(arrival);
    } catch (HandshakeException e) {
      send(fixed.rejected(e.rejectCode()), fixed.socketId(), from, 0);
      EndReason.Kind kind =
          lease == null && e.rejectCode() == RejectCode.OVERLOAD
              ? EndReason.Kind.OVER_LIMIT
              : EndReason.Kind.REJECTED;
      StreamKey stream = streamId == null ? null : streamId.stream();
      context.refused(sessionId, from, stream, false, e.rejectCode(), EndReason.of(kind, text(e)));
    }
  }

  private static String text(HandshakeException e) {
    return String.valueOf(e.getMessage());
  }

  private void authorize(Arrival arrival) {
    CompletionStage<SrtDecision> stage;
    try {
      stage = context.handler().authorize(arrival.request);
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedStage(e);
    }
    var deadline =
        port.loop()
            .schedule(
                () ->
                    refuse(
                        arrival,
                        RejectCode.TIMEOUT,
                        EndReason.of(EndReason.Kind.TIMEOUT, "authorisation took too long")),
                context.settings().authDeadline().toMillis(),
                TimeUnit.MILLISECONDS);
    stage.whenComplete(
        (decision, failure) ->
            onLoop(
                () -> {
                  deadline.cancel(false);
                  if (decision == null) {
                    context.failed(arrival.request, failure);
                    refuse(arrival, RejectCode.SERVER_ERROR, internalError());
                  } else {
                    decided(arrival, decision);
                  }
                }));
  }

  private static EndReason internalError() {
    return EndReason.of(EndReason.Kind.INTERNAL_ERROR, "internal error");
  }

  private void decided(Arrival arrival, SrtDecision decision) {
    if (arrival.answer() != null) {
      return; // too late
    }
    switch (decision) {
      case SrtDecision.Reject(int code, String text) -> refuse(arrival, code, rejected(text));
      case SrtDecision.Accept(@Nullable String passphrase) -> {
        byte[] keys = arrival.wish.keys();
        if ((passphrase == null) != (keys == null)) {
          String who = passphrase == null ? "this stream has none" : "the caller has none";
          refuse(arrival, RejectCode.UNSECURE, rejected("passphrase on one side only: " + who));
        } else if (passphrase == null || keys == null) {
          openOn(port.choose(), arrival, null);
        } else {
          checkKeys(arrival, keys, passphrase);
        }
      }
    }
  }

  private static EndReason rejected(String text) {
    return EndReason.of(EndReason.Kind.REJECTED, text);
  }

  private void checkKeys(Arrival arrival, byte[] keys, String passphrase) {
    SrtSettings settings = context.settings();
    try {
      context
          .keyThreads()
          .execute(
              () -> {
                try {
                  KeyExchange exchange =
                      KeyExchange.accept(
                          keys,
                          passphrase,
                          context.random(),
                          settings.keyRefreshPackets(),
                          settings.keyAnnouncePackets());
                  onLoop(() -> openOn(port.choose(), arrival, exchange));
                } catch (HandshakeException e) {
                  onLoop(() -> refuse(arrival, e.rejectCode(), rejected(text(e))));
                } catch (RuntimeException e) {
                  context.failed(arrival.request, e);
                  onLoop(() -> refuse(arrival, RejectCode.INTERNAL, internalError()));
                }
              });
    } catch (RejectedExecutionException e) {
      refuse(
          arrival,
          RejectCode.OVERLOAD,
          EndReason.of(EndReason.Kind.OVER_LIMIT, "too many passphrases to check"));
    }
  }

  private void openOn(SrtPort target, Arrival arrival, @Nullable KeyExchange keys) {
    if (target == port) {
      open(target, arrival, keys);
    } else {
      try {
        target.loop().execute(() -> open(target, arrival, keys));
      } catch (RejectedExecutionException e) {
        refuse(arrival, RejectCode.CLOSE, rejected("the server is shutting down"));
      }
    }
  }

  /** On the target's loop, which need not be this door's. */
  private void open(SrtPort target, Arrival arrival, @Nullable KeyExchange keys) {
    long nowUs = target.nowUs();
    Negotiation wish = arrival.wish;
    SrtSettings settings = context.settings();
    SrtLink link =
        new SrtLink(
            arrival.request.sessionId(),
            target,
            target.newSocketId(),
            arrival.caller.address(),
            keys,
            wish.flow(
                wish.conclusion().initialSequence(),
                nowUs,
                arrival.peerStartUs,
                0,
                wish.receiverLatencyMs(settings),
                wish.peerLatencyMs(settings),
                settings.windowPackets(),
                settings.maxHeldBytes()),
            nowUs);
    int code = 0;
    EndReason why = rejected("the server is shutting down");
    try {
      if (context.isClosing()) {
        code = RejectCode.CLOSE;
      } else {
        SrtPublicationListener listener =
            context.handler().opened(new ServerPublication(link, arrival.request));
        link.attach(listener, (end, last) -> ended(arrival, end, last, nowUs, link), nowUs);
      }
    } catch (SrtRefusedException e) {
      code = e.code();
      why = rejected(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      context.failed(arrival.request, e);
      code = RejectCode.SERVER_ERROR;
      why = internalError();
    }
    if (code != 0) {
      int refusal = code;
      EndReason reason = why;
      link.abandon(reason);
      onLoop(() -> refuse(arrival, refusal, reason));
      return;
    }
    arrival.lease.decided();
    Handshake answer =
        wish.answer(
            link.socketId(),
            Handshake.PeerAddress.of(arrival.caller.address().getAddress()),
            settings,
            keys == null ? null : keys.handshakeBody());
    onLoop(() -> accept(arrival, answer, nowUs));
  }

  private void accept(Arrival arrival, Handshake answer, long startUs) {
    if (arrivals.containsKey(arrival.caller) && arrival.decide(answer, startUs)) {
      sendAnswer(arrival, answer);
    }
  }

  private void sendAnswer(Arrival arrival, Handshake answer) {
    send(
        answer,
        arrival.caller.socketId(),
        arrival.caller.address(),
        arrival.timestampUs(port.nowUs()));
  }

  private void ended(
      Arrival arrival, EndReason end, SrtStatistics last, long openedUs, SrtLink link) {
    arrival.lease.release();
    onLoop(() -> arrivals.remove(arrival.caller, arrival));
    context
        .handler()
        .sessionEnded(
            new SrtSessionSummary(
                arrival.request.sessionId(),
                link.peer(),
                arrival.request.stream(),
                arrival.request.encrypted(),
                0,
                end,
                last.msTimeStamp(),
                last));
  }

  private void refuse(Arrival arrival, int code, EndReason reason) {
    Handshake answer = arrival.wish.conclusion().rejected(code);
    if (!arrival.decide(answer, port.nowUs())) {
      return;
    }
    arrival.lease.release();
    sendAnswer(arrival, answer);
    if (refusalsKept < MAX_REFUSALS_KEPT) {
      refusalsKept++;
      port.loop()
          .schedule(
              () -> {
                refusalsKept--;
                arrivals.remove(arrival.caller, arrival);
              },
              REFUSAL_KEPT_MS,
              TimeUnit.MILLISECONDS);
    } else {
      arrivals.remove(arrival.caller, arrival);
    }
    context.refused(
        arrival.request.sessionId(),
        arrival.caller.address(),
        arrival.request.stream(),
        arrival.request.encrypted(),
        code,
        reason);
  }

  private void send(Handshake answer, int destination, InetSocketAddress to, int timestampUs) {
    ByteBuf packet = port.channel().alloc().directBuffer(Handshake.PACKET_BYTES);
    answer.write(packet, timestampUs, destination);
    port.write(packet, to);
    port.flush();
  }

  private void onLoop(Runnable task) {
    if (port.loop().inEventLoop()) {
      task.run();
    } else {
      try {
        port.loop().execute(task);
      } catch (RejectedExecutionException | CompletionException e) {
        // The loops are gone, and all their connections with them.
      }
    }
  }
}
