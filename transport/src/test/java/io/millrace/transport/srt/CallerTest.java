package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.Loops;
import io.millrace.transport.http.NoLeaks;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.RejectCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our caller against our listener, and against libsrt's. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class CallerTest {
  private static final String PASSPHRASE = "correct-horse-battery";
  private static final int TAIL_MESSAGES = 200;
  private static final Duration LATENCY = Duration.ofMillis(120);

  private final Loops loops = Loops.open(2, "srt-test");
  private final RecordingSrtHandler handler = new RecordingSrtHandler();

  @TempDir Path directory;

  @AfterEach
  void stop() throws Exception {
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  /** Keeps what comes. */
  private static final class Inbox implements SrtPublicationListener {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<EndReason> end = new CompletableFuture<>();
    private final CompletableFuture<Void> enough = new CompletableFuture<>();
    private final int wanted;

    private Inbox(int wanted) {
      this.wanted = wanted;
    }

    @Override
    public synchronized void onPayload(ByteBuf payload, long sourceTimeUs) {
      byte[] message = new byte[payload.readableBytes()];
      payload.readBytes(message).release();
      bytes.writeBytes(message);
      if (bytes.size() >= wanted) {
        enough.complete(null);
      }
    }

    @Override
    public void onEnd(EndReason reason) {
      end.complete(reason);
    }

    private synchronized byte[] bytes() {
      return bytes.toByteArray();
    }
  }

  private SrtServer server(SrtSettings settings) throws Exception {
    return SrtServer.bind(loops, new InetSocketAddress("127.0.0.1", 0), settings, handler);
  }

  private SrtCall call(int port, SrtCallerSettings settings, SrtPublicationListener listener)
      throws Exception {
    return SrtCaller.connect(
            loops.group().next(),
            InetSocketAddress.createUnresolved("127.0.0.1", port),
            settings,
            listener)
        .get(10, TimeUnit.SECONDS);
  }

  /** Sends at a steady rate from the call's loop. */
  private static CompletableFuture<Void> pace(SrtCall call, byte[] media, int perSecond) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger next = new AtomicInteger();
    call.eventLoop()
        .scheduleAtFixedRate(
            () -> {
              int at = next.getAndIncrement() * SrtTool.MESSAGE_BYTES;
              if (at >= media.length) {
                done.complete(null);
                throw new java.util.concurrent.CancellationException();
              }
              call.send(Unpooled.copiedBuffer(media, at, SrtTool.MESSAGE_BYTES));
            },
            0,
            1_000_000 / perSecond,
            TimeUnit.MICROSECONDS);
    return done;
  }

  private static byte[] last(byte[] media) {
    return Arrays.copyOfRange(media, media.length - SrtTool.MESSAGE_BYTES, media.length);
  }

  @ParameterizedTest
  @CsvSource({"0", "16", "32"})
  void sendsToOurListener(int keyBytes) throws Exception {
    String passphrase = keyBytes == 0 ? null : PASSPHRASE;
    handler.decideAtOnce(SrtDecision.accept(passphrase));
    byte[] media = SrtTool.media(1000);
    try (SrtServer server = server(SrtSettings.defaults())) {
      SrtCallerSettings settings = SrtCallerSettings.of("publish:live/cam?key=k", passphrase);
      SrtCall call =
          call(
              server.address().getPort(),
              keyBytes == 0 ? settings : settings.withKeyBytes(keyBytes),
              new Inbox(0));
      RecordingSrtHandler.Recorded recorded = handler.opened.poll(5, TimeUnit.SECONDS);
      pace(call, media, 1000).get(20, TimeUnit.SECONDS);
      assertThat(recorded.awaitEnding(last(media), 5_000)).isEqualTo(media);
      assertThat(recorded.publication.request().encrypted()).isEqualTo(keyBytes != 0);
      call.close("done");
      assertThat(recorded.end.get(5, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
    }
  }

  @Test
  void refreshesItsKeyManyTimes() throws Exception {
    handler.decideAtOnce(SrtDecision.accept(PASSPHRASE));
    byte[] media = SrtTool.media(3000);
    try (SrtServer server = server(SrtSettings.defaults())) {
      SrtCall call =
          call(
              server.address().getPort(),
              SrtCallerSettings.of("live/cam", PASSPHRASE).withKeyRefresh(400, 200),
              new Inbox(0));
      RecordingSrtHandler.Recorded recorded = handler.opened.poll(5, TimeUnit.SECONDS);
      pace(call, media, 1000).get(20, TimeUnit.SECONDS);
      assertThat(recorded.awaitEnding(last(media), 5_000)).isEqualTo(media);
      SrtStatistics statistics =
          recorded.publication.statistics().toCompletableFuture().get(5, TimeUnit.SECONDS);
      assertThat(statistics.pktRcvUndecrypt()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1401, 1401",
    "1404, 1404",
    "1409, 1409",
    "1402, 1402",
    "1403, 1403",
    "1400, 1400",
    "2005, 2005"
  })
  void readsTheListenersRefusal(int told, int read) throws Exception {
    handler.decideAtOnce(SrtDecision.reject(told, "as told"));
    try (SrtServer server = server(SrtSettings.defaults())) {
      assertRefused(server, SrtCallerSettings.of("live/cam", null), read);
    }
  }

  @Test
  void refusalsThatWeDecideHaveTheStandardCodes() throws Exception {
    try (SrtServer server = server(SrtSettings.defaults())) {
      assertRefused(server, SrtCallerSettings.of("", null), RejectCode.BAD_REQUEST);
      assertRefused(server, SrtCallerSettings.of("../etc", null), RejectCode.BAD_REQUEST);
      assertRefused(
          server, SrtCallerSettings.of("#!::r=live/cam,m=request", null), RejectCode.BAD_MODE);
      assertRefused(
          server,
          SrtCallerSettings.of("#!::r=live/cam,t=file", null),
          RejectCode.UNSUPPORTED_MEDIA);
      assertRefused(server, SrtCallerSettings.of("live/cam", PASSPHRASE), RejectCode.UNSECURE);
      handler.decideAtOnce(SrtDecision.accept("another-passphrase"));
      assertRefused(server, SrtCallerSettings.of("live/cam", PASSPHRASE), RejectCode.BAD_SECRET);
      assertRefused(server, SrtCallerSettings.of("live/cam", null), RejectCode.UNSECURE);
      handler.decideAtOnce(SrtDecision.accept());
      handler.whenOpened =
          () -> {
            throw new SrtRefusedException(RejectCode.CONFLICT, "busy");
          };
      assertRefused(server, SrtCallerSettings.of("live/cam", null), RejectCode.CONFLICT);
      handler.whenOpened =
          () -> {
            throw new IllegalStateException("a bug of the handler's");
          };
      assertRefused(server, SrtCallerSettings.of("live/cam", null), RejectCode.SERVER_ERROR);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void authorisationThatTakesTooLongIsRefused() throws Exception {
    handler.decide = _ -> new CompletableFuture<>();
    try (SrtServer server =
        server(SrtSettings.defaults().withAuthDeadline(Duration.ofMillis(300)))) {
      assertRefused(server, SrtCallerSettings.of("live/cam", null), RejectCode.TIMEOUT);
      assertThat(handler.requests).hasSize(1);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void authorisationMayTakeItsTimeWhileTheCallerRepeatsItself() throws Exception {
    CompletableFuture<SrtDecision> decision = new CompletableFuture<>();
    handler.decide = _ -> decision;
    try (SrtServer server = server(SrtSettings.defaults())) {
      CompletableFuture<SrtCall> call =
          SrtCaller.connect(
              loops.group().next(),
              server.address(),
              SrtCallerSettings.of("live/cam", null),
              new Inbox(0));
      // Two repeats of the conclusion have come and gone by then.
      loops
          .group()
          .schedule(() -> decision.complete(SrtDecision.accept()), 800, TimeUnit.MILLISECONDS);
      call.get(5, TimeUnit.SECONDS);
      assertThat(handler.requests).hasSize(1);
      assertThat(handler.opened).hasSize(1);
    }
  }

  @Test
  void connectionLimitIsOverload() throws Exception {
    try (SrtServer server = server(SrtSettings.defaults().withLimits(1, 8, 100))) {
      SrtCall call =
          call(server.address().getPort(), SrtCallerSettings.of("live/a", null), new Inbox(0));
      assertRefused(server, SrtCallerSettings.of("live/b", null), RejectCode.OVERLOAD);
      assertThat(server.refusedConnections()).isEqualTo(1);
      assertThat(handler.summaries.take().rejectCode()).isEqualTo(RejectCode.OVERLOAD);
      call.close("done");
      assertThat(handler.summaries.take().rejectCode()).isZero();
      call(server.address().getPort(), SrtCallerSettings.of("live/b", null), new Inbox(0));
    }
  }

  @Test
  void listenerThatIsSilentIsATimeout() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      SrtCallerSettings settings =
          SrtCallerSettings.of("live/cam", null).withTimes(LATENCY, Duration.ofMillis(400));
      assertThatThrownBy(() -> call(silent.getLocalPort(), settings, new Inbox(0)))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              SrtConnectException.class,
              e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.TIMEOUT));
    }
  }

  @Test
  void serverSaysGoodbye() throws Exception {
    try (SrtServer server = server(SrtSettings.defaults())) {
      Inbox inbox = new Inbox(0);
      call(server.address().getPort(), SrtCallerSettings.of("live/cam", null), inbox);
      server.shutdown("drained").get(5, TimeUnit.SECONDS);
      assertThat(inbox.end.get(5, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
      assertThat(handler.opened.take().end.get().kind()).isEqualTo(EndReason.Kind.CLOSED_LOCALLY);
      assertThat(handler.summaries.take().end().text()).isEqualTo("drained");
    }
  }

  @Test
  void anAddressThatIsTakenIsAnError() throws Exception {
    try (SrtServer server = server(SrtSettings.defaults())) {
      assertThatThrownBy(
              () -> SrtServer.bind(loops, server.address(), SrtSettings.defaults(), handler))
          .isInstanceOf(java.io.IOException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "16", "24", "32"})
  void receivesFromLibsrt(int keyBytes) throws Exception {
    int port = freePort();
    byte[] media = SrtTool.media(500);
    try (SrtTool tool =
        SrtTool.transmit(directory, "file://con", listenerUrl(port, keyBytes, ""))) {
      Inbox inbox = new Inbox(SrtTool.MESSAGE_BYTES);
      String passphrase = keyBytes == 0 ? null : PASSPHRASE;
      SrtCallerSettings settings =
          SrtCallerSettings.of("", passphrase).withTimes(LATENCY, Duration.ofSeconds(8));
      call(port, keyBytes == 0 ? settings : settings.withKeyBytes(keyBytes), inbox);
      tool.feed(media, 500);
      tool.close();
      assertThat(inbox.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
      byte[] got = inbox.bytes();
      // Its sender drops what is too late when it is told to end, and what came before the call.
      assertThat(got.length).isGreaterThan(media.length / 2);
      int start = indexOf(media, Arrays.copyOf(got, SrtTool.MESSAGE_BYTES));
      assertThat(got).isEqualTo(Arrays.copyOfRange(media, start, start + got.length));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, ''", "16, ''", "32, ''", "16, refresh"})
  void sendsToLibsrt(int keyBytes, String refresh) throws Exception {
    int port = freePort();
    int messages = refresh.isEmpty() ? 500 : 2000;
    byte[] media = SrtTool.media(messages);
    try (SrtTool tool =
        SrtTool.transmit(directory, listenerUrl(port, keyBytes, ""), "file://con", "-q")) {
      String passphrase = keyBytes == 0 ? null : PASSPHRASE;
      SrtCallerSettings settings =
          SrtCallerSettings.of("anything", passphrase).withTimes(LATENCY, Duration.ofSeconds(8));
      if (keyBytes != 0) {
        settings = settings.withKeyBytes(keyBytes);
      }
      if (!refresh.isEmpty()) {
        settings = settings.withKeyRefresh(300, 150);
      }
      SrtCall call = call(port, settings, new Inbox(0));
      CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(tool::readAll);
      pace(call, media, 500).get(20, TimeUnit.SECONDS);
      SrtStatistics statistics = call.statistics().toCompletableFuture().get(5, TimeUnit.SECONDS);
      assertThat(statistics.pktSentUnique()).isGreaterThan(messages - TAIL_MESSAGES);
      assertThat(statistics.pktRecvACK()).isPositive();
      assertThat(statistics.pktSndDrop()).isZero();
      call.close("done");
      // What was less than a latency old when we left is not given out.
      byte[] got = read.get(10, TimeUnit.SECONDS);
      assertThat(got.length).isGreaterThan((messages - TAIL_MESSAGES) * SrtTool.MESSAGE_BYTES);
      assertThat(got).isEqualTo(Arrays.copyOf(media, got.length));
    }
  }

  @Test
  void libsrtRefusesOurWrongPassphrase() throws Exception {
    int port = freePort();
    try (SrtTool tool = SrtTool.transmit(directory, "file://con", listenerUrl(port, 16, ""))) {
      SrtCallerSettings settings =
          SrtCallerSettings.of("", "another-passphrase").withTimes(LATENCY, Duration.ofSeconds(8));
      assertThatThrownBy(() -> call(port, settings, new Inbox(0)))
          .cause()
          .as(tool.log())
          .isInstanceOfSatisfying(
              SrtConnectException.class,
              e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.BAD_SECRET));
    }
  }

  private static String listenerUrl(int port, int keyBytes, String more) {
    String keys = keyBytes == 0 ? "" : "&passphrase=%s&pbkeylen=%d".formatted(PASSPHRASE, keyBytes);
    return "srt://127.0.0.1:%d?mode=listener%s%s".formatted(port, keys, more);
  }

  private static int indexOf(byte[] media, byte[] message) {
    for (int i = 0; i < media.length; i += SrtTool.MESSAGE_BYTES) {
      if (Arrays.equals(media, i, i + SrtTool.MESSAGE_BYTES, message, 0, SrtTool.MESSAGE_BYTES)) {
        return i;
      }
    }
    throw new AssertionError("a message that was never sent");
  }

  private static int freePort() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private void assertRefused(SrtServer server, SrtCallerSettings settings, int code) {
    assertThatThrownBy(() -> call(server.address().getPort(), settings, new Inbox(0)))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            SrtConnectException.class, e -> assertThat(e.rejectCode()).isEqualTo(code));
  }
}
