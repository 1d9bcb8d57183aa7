package io.millrace.transport.srt;

import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.KeyExchange;
import io.millrace.transport.srt.wire.RejectCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * From a well-formed conclusion to a connection.
 *
 * <pre>
 *  authorize(...)      by the handler, within the deadline
 *  passphrase right?   on a thread for that: it costs milliseconds
 *  opened(...)         on the connection's loop
 *  answer              there too; the {@link Verdicts} know it, on the port's loop
 * </pre>
 *
 * Confined to the port's loop, but for what happens on a connection's.
 */
final class Admission {
  /** Takes what was decided. Called on the port's loop. */
  interface Verdicts {
    /**
     * The connection is there, and has answered for itself; repeated questions are answered alike.
     *
     * @param startUs from which its timestamps count
     */
    void accept(Arrival arrival, Handshake answer, long startUs);

    /**
     * There will be no connection.
     *
     * @param code one of {@link RejectCode}
     */
    void refuse(Arrival arrival, int code, EndReason reason);

    /** The connection has ended. */
    void gone(Arrival arrival);
  }

  private final ListenerContext context;
  private final SrtPort port;
  private final Verdicts verdicts;

  Admission(ListenerContext context, SrtPort port, Verdicts verdicts) {
    this.context = context;
    this.port = port;
    this.verdicts = verdicts;
  }

  /** Asks, and lets the {@link Verdicts} know in the end. On the port's loop. */
  void begin(Arrival arrival) {
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
                    verdicts.refuse(
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
                    verdicts.refuse(arrival, RejectCode.SERVER_ERROR, internalError());
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
      case SrtDecision.Reject(int code, String text) ->
          verdicts.refuse(arrival, code, rejected(text));
      case SrtDecision.Accept(@Nullable String passphrase) -> {
        byte[] keys = arrival.wish.keys();
        if ((passphrase == null) != (keys == null)) {
          String who = passphrase == null ? "this stream has none" : "the caller has none";
          verdicts.refuse(
              arrival, RejectCode.UNSECURE, rejected("passphrase on one side only: " + who));
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
                  onLoop(
                      () ->
                          verdicts.refuse(
                              arrival, e.rejectCode(), rejected(String.valueOf(e.getMessage()))));
                } catch (RuntimeException e) {
                  context.failed(arrival.request, e);
                  onLoop(() -> verdicts.refuse(arrival, RejectCode.INTERNAL, internalError()));
                }
              });
    } catch (RejectedExecutionException e) {
      verdicts.refuse(
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
        verdicts.refuse(arrival, RejectCode.CLOSE, rejected("the server is shutting down"));
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
        link.attach(listener, (end, last) -> ended(arrival, end, last, link), nowUs);
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
      onLoop(() -> verdicts.refuse(arrival, refusal, reason));
      return;
    }
    arrival.lease.decided();
    Handshake answer =
        wish.answer(
            link.socketId(),
            Handshake.PeerAddress.of(arrival.caller.address().getAddress()),
            settings,
            keys == null ? null : keys.handshakeBody());
    // From here, not from the port's loop: libsrt does not recover from a keepalive that overtakes
    // it.
    Door.send(
        target,
        answer,
        arrival.caller.socketId(),
        arrival.caller.address(),
        (int) (target.nowUs() - nowUs));
    onLoop(() -> verdicts.accept(arrival, answer, nowUs));
  }

  private void ended(Arrival arrival, EndReason end, SrtStatistics last, SrtLink link) {
    arrival.lease.release();
    onLoop(() -> verdicts.gone(arrival));
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

  private void onLoop(Runnable task) {
    if (port.loop().inEventLoop()) {
      task.run();
    } else {
      try {
        port.loop().execute(task);
      } catch (RejectedExecutionException e) {
        // The loops are gone, and all their connections with them.
      }
    }
  }
}
