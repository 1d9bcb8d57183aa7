package io.millrace.transport.srt;

import io.millrace.media.StreamKey;
import io.millrace.transport.PublisherLimiter;
import io.millrace.transport.SourceBuckets;
import io.millrace.transport.TokenBucket;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.RejectCode;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A listener's side of handshakes on one port (draft-sharabayko-srt-01 §4.3.1).
 *
 * <pre>
 *  too many from one source ──► silence           a place in {@link SourceBuckets}
 *  induction ──────► cookie                       nothing is kept
 *  conclusion ─────► cookie right? else silence   nothing is kept
 *                    well-formed, limits?         refused, nothing is kept
 *                    {@link Admission}                    an {@link Arrival}; repeats are absorbed
 *                    answer                       repeats get the same answer
 * </pre>
 *
 * An answer is never longer than what asked for it until the caller has proved its address.
 * Confined to the port's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for a refusal to be forgotten
final class Door implements SrtPort.Handshakes, Admission.Verdicts {
  /** For how long a refused caller that repeats itself is told again. */
  private static final long REFUSAL_KEPT_MS = 3_000;

  private static final int MAX_REFUSALS_KEPT = 1024;

  private final ListenerContext context;
  private final SrtPort port;
  private final Admission admission;
  private final CookieBaker cookies;
  private final SourceBuckets sources;
  private final TokenBucket inductions;
  private final Map<Arrival.Caller, Arrival> arrivals = new HashMap<>();
  private int refusalsKept;

  Door(ListenerContext context, SrtPort port) {
    this.context = context;
    this.port = port;
    this.admission = new Admission(context, port, this);
    this.cookies = new CookieBaker(context.cookieSecret());
    this.sources =
        new SourceBuckets(
            context.settings().handshakesPerSourcePerSecond(),
            context.random().nextLong(),
            port.nowUs());
    this.inductions = new TokenBucket(context.settings().inductionsPerSecond(), port.nowUs());
  }

  @Override
  public void onHandshake(ByteBuf packet, InetSocketAddress from, long nowUs) {
    if (!Handshake.isComplete(packet)
        || from.getPort() == 0
        || !sources.take(from.getAddress(), nowUs)) {
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
    PublisherLimiter.Lease lease = null;
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
      admission.begin(arrival);
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

  @Override
  public void accept(Arrival arrival, Handshake answer, long startUs) {
    if (arrivals.containsKey(arrival.caller)) {
      var unused = arrival.decide(answer, startUs);
    }
  }

  private void sendAnswer(Arrival arrival, Handshake answer) {
    send(
        answer,
        arrival.caller.socketId(),
        arrival.caller.address(),
        arrival.timestampUs(port.nowUs()));
  }

  @Override
  public void refuse(Arrival arrival, int code, EndReason reason) {
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

  @Override
  public void gone(Arrival arrival) {
    arrivals.remove(arrival.caller, arrival);
  }

  private void send(Handshake answer, int destination, InetSocketAddress to, int timestampUs) {
    send(port, answer, destination, to, timestampUs);
  }

  /** On the loop of {@code port}. */
  static void send(
      SrtPort port, Handshake answer, int destination, InetSocketAddress to, int timestampUs) {
    ByteBuf packet = port.channel().alloc().directBuffer(Handshake.PACKET_BYTES);
    answer.write(packet, timestampUs, destination);
    port.write(packet, to);
    port.flush();
  }
}
