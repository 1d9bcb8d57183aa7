package io.millrace.transport.tls;

import io.millrace.transport.tls.ReplayRegister.Sighting;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ClientHello before the TLS engine does, picks the certificate by it, and lets early
 * data in or not; then puts the engine's handler in its own place and passes everything on,
 * unchanged.
 *
 * <p>Who speaks other protocols only is told so, with an alert, and closed.
 *
 * <p>Early data is off unless this has seen a whole, well-formed ClientHello, and, where that has
 * early data with it, the register knows of every use of the ticket ({@link ServerTls#knowsTicket})
 * and has not seen this one. So whatever the engine would take before a ClientHello (it takes some
 * alerts) does not bring a recorded one past the register.
 *
 * <p>What waits here is bounded by {@link HelloAssembler} and by the time that a handshake may
 * take.
 */
final class HelloGate extends ByteToMessageDecoder {
  /** A shared register that takes longer costs more than early data saves. */
  private static final long REGISTER_PATIENCE_MS = 150;

  /** A record with a fatal alert (RFC 8446 §6, RFC 7301 §3.2). */
  private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

  private final ServerTls tls;
  private final long handshakeMs;
  private final Consumer<BooleanSupplier> earlyWhile;
  private final long startNs = System.nanoTime();
  private final HelloAssembler assembler = new HelloAssembler();
  private boolean looked;
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param handshakeMs from now to the end of the handshake, else the connection is closed
   * @param earlyWhile given, before anything is decrypted, how to tell whether it is early data;
   *     not called where there is none
   */
  HelloGate(ServerTls tls, long handshakeMs, Consumer<BooleanSupplier> earlyWhile) {
    this.tls = tls;
    this.handshakeMs = handshakeMs;
    this.earlyWhile = earlyWhile;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor()
            .schedule(
                () -> fail(ctx, "no ClientHello within the time for a handshake"),
                handshakeMs,
                TimeUnit.MILLISECONDS);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (looked) {
      return; // the register is being asked
    }
    switch (assembler.look(in)) {
      case PARTIAL -> {}
      case COMPLETE -> {
        looked = true;
        ByteBuffer message = assembler.message();
        decide(ctx, message == null ? null : ClientHello.parse(message));
      }
      case OTHER -> {
        looked = true;
        proceed(ctx, null, false);
      }
      case HOSTILE -> {
        looked = true;
        in.skipBytes(in.readableBytes());
        fail(ctx, "a ClientHello in too many records");
      }
    }
  }

  private void decide(ChannelHandlerContext ctx, @Nullable ClientHello hello) {
    if (hello != null && !hello.http()) {
      // No engine does it for us: they go on without a protocol, and what was meant for a server of
      // another one would be read as HTTP (RFC 7301 §3.2, RFC 9325 §3.7).
      var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL.clone()));
      fail(ctx, "a ClientHello for none of the protocols here");
      return;
    }
    boolean known = hello != null && tls.knowsTicket(hello);
    byte[] binder = hello == null || !hello.earlyData() ? null : hello.binder();
    if (binder == null || !tls.takesEarlyData()) {
      // Without early data in it, "on" only lets the session's tickets offer it for the next time.
      proceed(ctx, hello, hello != null);
      return;
    }
    if (!known) {
      seen(ctx, hello, Sighting.UNKNOWN);
      return;
    }
    CompletableFuture<Sighting> answer = tls.register().record(binder).toCompletableFuture();
    if (answer.isDone()) {
      seen(ctx, hello, sighting(answer));
      return;
    }
    ctx.channel().config().setAutoRead(false);
    answer
        .copy()
        .completeOnTimeout(Sighting.UNKNOWN, REGISTER_PATIENCE_MS, TimeUnit.MILLISECONDS)
        .whenComplete(
            (sighting, failure) ->
                ctx.executor()
                    .execute(
                        () -> {
                          if (!ctx.isRemoved()) {
                            ctx.channel().config().setAutoRead(true);
                            seen(ctx, hello, failure == null ? sighting : Sighting.UNKNOWN);
                          }
                        }));
  }

  private static Sighting sighting(CompletableFuture<Sighting> done) {
    return done.isCompletedExceptionally() ? Sighting.UNKNOWN : done.join();
  }

  private void seen(ChannelHandlerContext ctx, @Nullable ClientHello hello, Sighting sighting) {
    switch (sighting) {
      case FIRST -> proceed(ctx, hello, true);
      case REPEATED -> {
        tls.stats().earlyData(TlsStats.Result.REPLAYED);
        proceed(ctx, hello, false);
      }
      case UNKNOWN -> {
        tls.stats().earlyData(TlsStats.Result.REJECTED);
        proceed(ctx, hello, false);
      }
    }
  }

  private void proceed(ChannelHandlerContext ctx, @Nullable ClientHello hello, boolean allow) {
    SslHandler handler = tls.newHandler(ctx.alloc(), hello, allow, earlyWhile);
    long spentMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    handler.setHandshakeTimeoutMillis(Math.max(1, handshakeMs - spentMs));
    ctx.pipeline().replace(this, null, handler);
  }

  private static void fail(ChannelHandlerContext ctx, String why) {
    if (!ctx.isRemoved()) {
      ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(new SSLHandshakeException(why)));
      var _ = ctx.close();
    }
  }
}
