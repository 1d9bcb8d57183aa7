package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.tls.ReplayRegister.Sighting;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HelloGateTest {
  private final List<byte[]> asked = new ArrayList<>();
  private final Map<TlsStats.Result, Integer> results = new EnumMap<>(TlsStats.Result.class);
  private final List<BooleanSupplier> early = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private CompletableFuture<Sighting> answer = new CompletableFuture<>();
  private final ServerTls tls =
      ServerTls.https(
          CertificateSet.of(SelfSigned.create(Set.of("media.example"), Instant.now())),
          TlsSettings.DEFAULTS
              .withRegister(
                  binder -> {
                    asked.add(binder.clone());
                    return answer;
                  })
              .withStats(
                  new TlsStats() {
                    @Override
                    public void handshake(Kind kind) {}

                    @Override
                    public void earlyData(Result result) {
                      results.merge(result, 1, Integer::sum);
                    }
                  }));
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          tls.newGate(Duration.ofSeconds(5), early::add),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
              if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
                failures.add(done.cause());
              }
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
              failures.add(cause);
            }
          });

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    tls.close();
  }

  private void send(byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
  }

  private boolean handedOver() {
    return channel.pipeline().get(SslHandler.class) != null
        && channel.pipeline().get(HelloGate.class) == null;
  }

  private byte[] hello() {
    return Hellos.records(Hellos.early(Hellos.binder(3), tls.ticketName()), 16_384);
  }

  @Test
  void waitsForTheWholeHelloThenForTheRegister() {
    byte[] hello = hello();
    for (byte each : hello) {
      assertThat(asked).isEmpty();
      send(new byte[] {each});
    }
    assertThat(asked).containsExactly(Hellos.binder(3));
    assertThat(handedOver()).isFalse();
    send(new byte[] {23, 3, 3, 0, 1, 0}); // early data does not get past it
    assertThat(asked).hasSize(1);
    assertThat(handedOver()).isFalse();
    assertThat(channel.config().isAutoRead()).isFalse();
    answer.complete(Sighting.FIRST);
    channel.runPendingTasks();
    assertThat(handedOver()).isTrue();
    assertThat(early).hasSize(1);
    assertThat(results).isEmpty();
  }

  @Test
  void aRepeatGetsNoEarlyData() {
    answer.complete(Sighting.REPEATED);
    send(hello());
    assertThat(handedOver()).isTrue();
    assertThat(early).isEmpty();
    assertThat(results).containsExactlyEntriesOf(Map.of(TlsStats.Result.REPLAYED, 1));
  }

  @Test
  void aRegisterThatFailsGivesNoEarlyData() {
    answer.completeExceptionally(new IllegalStateException("away"));
    send(hello());
    assertThat(handedOver()).isTrue();
    assertThat(early).isEmpty();
    assertThat(results).containsExactlyEntriesOf(Map.of(TlsStats.Result.REJECTED, 1));
  }

  @Test
  void aRegisterThatFailsLateGivesNoneEither() {
    send(hello());
    assertThat(handedOver()).isFalse();
    answer.completeExceptionally(new IllegalStateException("away"));
    channel.runPendingTasks();
    assertThat(handedOver()).isTrue();
    assertThat(early).isEmpty();
    assertThat(results).containsExactlyEntriesOf(Map.of(TlsStats.Result.REJECTED, 1));
  }

  @Test
  void withoutEarlyDataNobodyIsAsked() {
    byte[] hello =
        Hellos.with().serverName("media.example").algorithms(Hellos.ECDSA_P256).tls13().message();
    send(Hellos.records(hello, 16_384));
    assertThat(asked).isEmpty();
    assertThat(handedOver()).isTrue();
    assertThat(early).isEmpty();
  }

  /** Nor would the engine open it; and nobody fills the register up with what he has made up. */
  @Test
  void aTicketOfNobodyGetsNoEarlyDataAndIsNotNoted() {
    answer.complete(Sighting.FIRST);
    send(Hellos.records(Hellos.early(Hellos.binder(3)), 16_384));
    assertThat(handedOver()).isTrue();
    assertThat(asked).isEmpty();
    assertThat(early).isEmpty();
    assertThat(results).containsExactlyEntriesOf(Map.of(TlsStats.Result.REJECTED, 1));
  }

  /** BoringSSL would pass some alerts over, and read a ClientHello behind them. */
  @Test
  void anAlertBeforeItTakesEarlyDataAway() {
    answer.complete(Sighting.FIRST);
    send(new byte[] {21, 3, 1, 0, 2, 1, 90});
    assertThat(handedOver()).isTrue();
    send(hello());
    assertThat(asked).isEmpty();
    assertThat(early).isEmpty();
    assertThat(failures).isEmpty(); // it did read on
  }

  @Test
  void aClientThatSaysNothingIsClosedInTime() {
    send(new byte[] {22, 3, 1, 2});
    channel.advanceTimeBy(4_900, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.advanceTimeBy(200, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    assertThat(failures).singleElement().asString().contains("no ClientHello");
  }

  /** CVE-2026-75596. */
  @Test
  void tinyRecordsCloseTheConnection() {
    send(Hellos.records(Hellos.early(Hellos.binder(3)), 1));
    assertThat(channel.isOpen()).isFalse();
    assertThat(asked).isEmpty();
    assertThat(failures).singleElement().asString().contains("too many records");
  }

  /** RFC 7301 §3.2; a server of mail, say, may have the same certificate. */
  @Test
  void whoSpeaksOtherProtocolsOnlyIsToldSo() {
    byte[] hello = Hellos.with().algorithms(Hellos.ECDSA_P256).protocols("imap", "ftp").message();
    send(Hellos.records(hello, 16_384));
    ByteBuf alert = channel.readOutbound();
    assertThat(ByteBufUtil.getBytes(alert)).containsExactly(21, 3, 3, 0, 2, 2, 120);
    alert.release();
    assertThat(channel.isOpen()).isFalse();
    assertThat(failures).singleElement().asString().contains("protocols");
  }

  @Test
  void oneProtocolInCommonIsEnough() {
    byte[] hello =
        Hellos.with().algorithms(Hellos.ECDSA_P256).tls13().protocols("ftp", "h2").message();
    send(Hellos.records(hello, 16_384));
    assertThat(handedOver()).isTrue();
  }
}
