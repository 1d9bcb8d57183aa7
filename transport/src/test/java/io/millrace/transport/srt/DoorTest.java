package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.http.NoLeaks;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeExtension;
import io.millrace.transport.srt.wire.HandshakeExtension.Capabilities;
import io.millrace.transport.srt.wire.KeyExchange;
import io.millrace.transport.srt.wire.RejectCode;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a listener says to whom, and what it keeps, packet by packet over a real socket. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class DoorTest {
  private static final int HANDSHAKES_PER_ADDRESS = 4;
  private static final int SOCKET_ID = 0x1234;

  private final Loops loops = Loops.open(2, "srt-test");
  private final RecordingSrtHandler handler = new RecordingSrtHandler();
  private final List<Client> clients = new ArrayList<>();
  private SrtServer server;

  @BeforeEach
  void start() throws Exception {
    start(
        SrtSettings.defaults()
            .withLimits(100, HANDSHAKES_PER_ADDRESS, 100_000)
            .withHandshakesPerSource(100_000));
  }

  private void start(SrtSettings settings) throws IOException {
    server = SrtServer.bind(loops, new InetSocketAddress("127.0.0.1", 0), settings, handler);
  }

  private void restart(SrtSettings settings) throws Exception {
    server.shutdown("other settings").get(10, TimeUnit.SECONDS);
    start(settings);
  }

  @AfterEach
  void stop() throws Exception {
    for (Client client : clients) {
      client.socket.close();
    }
    server.shutdown("test is over").get(10, TimeUnit.SECONDS);
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  /** A caller, by hand. */
  private final class Client {
    private final DatagramSocket socket;
    private int marks = 1_000_000;

    private Client() throws IOException {
      this("127.0.0.1");
    }

    private Client(String address) throws IOException {
      socket = new DatagramSocket(0, InetAddress.getByName(address));
      socket.setSoTimeout(5_000);
      clients.add(this);
    }

    private void send(ByteBuf packet) throws IOException {
      byte[] bytes = ByteBufUtil.getBytes(packet);
      socket.send(new DatagramPacket(bytes, bytes.length, server.address()));
    }

    private ByteBuf receive() throws IOException {
      DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
      socket.receive(packet);
      return Unpooled.copiedBuffer(packet.getData(), 0, packet.getLength());
    }

    private Handshake receiveHandshake() throws Exception {
      ByteBuf packet;
      do {
        packet = receive();
      } while (SrtPacket.type(packet) != ControlType.HANDSHAKE);
      return Handshake.parse(packet);
    }

    /** Everything that was answered before this moment. */
    private int answersSoFar() throws Exception {
      ByteBuf mark = induction();
      mark.setInt(SrtPacket.HEADER_BYTES + 8, ++marks); // the sequence number is given back
      send(mark);
      int answers = 0;
      Handshake answer = receiveHandshake();
      for (; answer.initialSequence() != marks; answer = receiveHandshake()) {
        answers++;
      }
      return answers;
    }

    private int answersUntilSilence() throws IOException {
      socket.setSoTimeout(100);
      for (int answers = 0; ; answers++) {
        try {
          receive();
        } catch (SocketTimeoutException e) {
          return answers;
        }
      }
    }

    private int cookie() throws Exception {
      send(induction());
      return receiveHandshake().cookie();
    }

    private Handshake conclude(List<HandshakeExtension> extensions) throws Exception {
      send(conclusion(cookie(), Handshake.VERSION_5, extensions));
      return receiveHandshake();
    }
  }

  private static ByteBuf induction() {
    return packet(
        new Handshake(
            Handshake.VERSION_4,
            0,
            Handshake.UDT_DATAGRAM,
            7,
            1500,
            8192,
            Handshake.INDUCTION,
            SOCKET_ID,
            0,
            Handshake.PeerAddress.NONE,
            List.of()));
  }

  private static ByteBuf conclusion(int cookie, int version, List<HandshakeExtension> extensions) {
    return packet(
        new Handshake(
            version,
            0,
            Handshake.flagsFor(extensions),
            7,
            1500,
            8192,
            Handshake.CONCLUSION,
            SOCKET_ID,
            cookie,
            Handshake.PeerAddress.NONE,
            extensions));
  }

  private static ByteBuf packet(Handshake handshake) {
    ByteBuf packet = Unpooled.buffer();
    handshake.write(packet, 0, 0);
    return packet;
  }

  private static Capabilities capabilities(int flags, int latencyMs) {
    return new Capabilities(ExtensionType.HANDSHAKE_REQUEST, 0x010501, flags, latencyMs, latencyMs);
  }

  private static List<HandshakeExtension> wish(HandshakeExtension... more) {
    List<HandshakeExtension> wish =
        new ArrayList<>(
            List.of(
                capabilities(0x3F, 0),
                new HandshakeExtension.Text(ExtensionType.STREAM_ID, "live/cam")));
    wish.addAll(List.of(more));
    return wish;
  }

  private static int refusal(Handshake answer) {
    return answer.type() - RejectCode.REQUEST_BASE;
  }

  @Test
  void answerToAnInductionIsACookieAndNoLonger() throws Exception {
    Client client = new Client();
    ByteBuf asked = induction();
    client.send(asked);
    ByteBuf answer = client.receive();
    assertThat(answer.readableBytes()).isEqualTo(asked.readableBytes());
    assertThat(SrtPacket.destination(answer)).isEqualTo(SOCKET_ID);
    Handshake handshake = Handshake.parse(answer);
    assertThat(handshake.version()).isEqualTo(Handshake.VERSION_5);
    assertThat(handshake.extension()).isEqualTo(Handshake.MAGIC);
    for (int length = 0; length < asked.readableBytes(); length += 7) {
      client.send(asked.slice(0, length));
    }
    assertThat(client.answersSoFar()).isZero();
  }

  @Test
  void nothingIsKeptBeforeTheCookieIsRight() throws Exception {
    Client client = new Client();
    for (int i = 0; i < 500; i++) {
      client.send(induction());
      assertThat(client.receiveHandshake().type()).isEqualTo(Handshake.INDUCTION);
      client.send(conclusion(i, Handshake.VERSION_5, wish()));
    }
    assertThat(client.answersSoFar()).isZero();
    assertThat(server.connections()).isZero();
    assertThat(server.refusedConnections()).isZero();
  }

  @Test
  void nobodyIsAskedBeforeTheCookieIsRight() throws Exception {
    handler.decideAtOnce(SrtDecision.accept("0123456789"));
    byte[] keys =
        KeyExchange.create("0123456789", 16, new SecureRandom(), 1 << 20, 1 << 10).handshakeBody();
    Client client = new Client();
    int cookie = client.cookie();
    for (int i = 1; i <= 500; i++) {
      client.send(
          conclusion(
              cookie + i,
              Handshake.VERSION_5,
              wish(new HandshakeExtension.Keys(ExtensionType.KEY_REQUEST, keys))));
    }
    assertThat(client.answersSoFar()).isZero();
    assertThat(handler.requests).as("authorisations").isEmpty();
    assertThat(handler.summaries).as("refusals to be logged").isEmpty();
  }

  @Test
  @DisplayName("CVE-2026-55869: a key request longer than its buffer, in a handshake and after it")
  void oversizedKeyRequestIsRefused() throws Exception {
    byte[] large = new byte[4 * 255];
    assertRefused(RejectCode.ROGUE, new HandshakeExtension.Keys(ExtensionType.KEY_REQUEST, large));
    assertThat(handler.requests).isEmpty();
    keyMessagesAreIgnoredByAConnectionInTheClear(ExtensionType.KEY_REQUEST);
  }

  @Test
  @DisplayName("CVE-2026-55868: a key response of any length, that nobody has asked for")
  void unaskedKeyResponseIsIgnored() throws Exception {
    assertRefused(
        RejectCode.ROGUE, new HandshakeExtension.Keys(ExtensionType.KEY_RESPONSE, new byte[1020]));
    keyMessagesAreIgnoredByAConnectionInTheClear(ExtensionType.KEY_RESPONSE);
  }

  private void keyMessagesAreIgnoredByAConnectionInTheClear(int subtype) throws Exception {
    Client client = new Client();
    Handshake answer = client.conclude(wish());
    RecordingSrtHandler.Recorded recorded = handler.opened.poll(5, TimeUnit.SECONDS);
    for (int bytes = 0; bytes <= 1456; bytes += 28) {
      ByteBuf message = Unpooled.buffer();
      SrtPacket.writeControl(message, ControlType.USER_DEFINED, subtype, 0, 0, answer.socketId());
      client.send(message.writeZero(bytes));
    }
    ByteBuf data = Unpooled.buffer();
    SrtPacket.writeData(data, 7, 1, 0, answer.socketId());
    client.send(data.writeZero(188));
    assertThat(recorded.awaitEnding(new byte[188], 5_000)).hasSize(188);
    assertThat(recorded.end).isNotDone();
  }

  /** The flood uses up what is its own, and not the answers of everybody. */
  @Test
  void floodOfOneSourceDoesNotLockOutANewcomer() throws Exception {
    int perSource = 10;
    int doors = 2;
    restart(SrtSettings.defaults().withLimits(100, 4, 100).withHandshakesPerSource(perSource));
    long beganNanos = System.nanoTime();
    List<Client> flood = List.of(new Client(), new Client(), new Client(), new Client());
    for (int i = 0; i < 100; i++) {
      for (Client client : flood) {
        client.send(induction());
      }
    }
    assertThat(new Client("127.0.0.2").conclude(wish()).type()).isEqualTo(Handshake.CONCLUSION);
    int answered = 0;
    for (Client client : flood) {
      answered += client.answersUntilSilence();
    }
    long seconds = 1 + (System.nanoTime() - beganNanos) / 1_000_000_000;
    assertThat(answered)
        .isPositive()
        .isLessThanOrEqualTo((int) (doors * perSource * (1 + seconds)));
  }

  @Test
  void cookieOfAnotherPortIsWrong() throws Exception {
    int cookie = new Client().cookie();
    Client other = new Client();
    other.send(conclusion(cookie, Handshake.VERSION_5, wish()));
    assertThat(other.answersSoFar()).isZero();
    assertThat(handler.requests).isEmpty();
  }

  @Test
  void conclusionIsAnsweredWithWhatWasSettled() throws Exception {
    Client client = new Client();
    Handshake answer =
        client.conclude(
            List.of(
                capabilities(0x3F, 700),
                new HandshakeExtension.Text(ExtensionType.STREAM_ID, "live/cam"),
                new HandshakeExtension.Text(ExtensionType.CONGESTION, "live")));
    assertThat(answer.type()).isEqualTo(Handshake.CONCLUSION);
    assertThat(answer.version()).isEqualTo(Handshake.VERSION_5);
    assertThat(answer.initialSequence()).isEqualTo(7);
    assertThat(answer.mtuBytes()).isEqualTo(1500);
    assertThat(answer.extension()).isEqualTo(Handshake.HAS_HANDSHAKE);
    assertThat(answer.extensions())
        .singleElement()
        .isInstanceOfSatisfying(
            Capabilities.class,
            it -> {
              assertThat(it.type()).isEqualTo(ExtensionType.HANDSHAKE_RESPONSE);
              assertThat(it.receiverLatencyMs()).isEqualTo(700);
              assertThat(it.senderLatencyMs()).isEqualTo(700);
              assertThat(it.has(Capabilities.PACKET_FILTER)).isFalse();
            });
  }

  @Test
  void latencyHasALeastAndAMost() throws Exception {
    for (int[] asked : new int[][] {{0, 120}, {119, 120}, {9_999, 9_999}, {65_535, 10_000}}) {
      Client client = new Client();
      Handshake answer =
          client.conclude(
              List.of(
                  capabilities(0x3F, asked[0]),
                  new HandshakeExtension.Text(ExtensionType.STREAM_ID, "live/cam")));
      Capabilities settled = (Capabilities) answer.extensions().getFirst();
      assertThat(settled.receiverLatencyMs()).isEqualTo(asked[1]);
      assertThat(settled.senderLatencyMs()).isEqualTo(asked[1]);
    }
  }

  @Test
  void repeatedConclusionGetsTheSameAnswer() throws Exception {
    Client client = new Client();
    ByteBuf conclusion = conclusion(client.cookie(), Handshake.VERSION_5, wish());
    client.send(conclusion);
    Handshake answer = client.receiveHandshake();
    for (int i = 0; i < 5; i++) {
      client.send(conclusion);
      assertThat(client.receiveHandshake()).isEqualTo(answer);
    }
    assertThat(handler.requests).hasSize(1);
    assertThat(handler.opened).hasSize(1);
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void repeatedConclusionGetsTheSameRefusal() throws Exception {
    handler.decideAtOnce(SrtDecision.reject(RejectCode.CONFLICT, "busy"));
    Client client = new Client();
    ByteBuf conclusion = conclusion(client.cookie(), Handshake.VERSION_5, wish());
    for (int i = 0; i < 5; i++) {
      client.send(conclusion);
      assertThat(refusal(client.receiveHandshake())).isEqualTo(RejectCode.CONFLICT);
    }
    assertThat(handler.requests).hasSize(1);
    assertThat(handler.summaries).hasSize(1);
    assertThat(server.connections()).isZero();
  }

  @Test
  void version4CallersAreRefused() throws Exception {
    Client client = new Client();
    client.send(conclusion(client.cookie(), Handshake.VERSION_4, List.of()));
    assertThat(refusal(client.receiveHandshake())).isEqualTo(RejectCode.VERSION);
  }

  @Test
  void whatIsNotSupportedIsRefusedWithItsCode() throws Exception {
    assertThat(refusal(new Client().conclude(List.of()))).isEqualTo(RejectCode.ROGUE);
    assertThat(
            refusal(new Client().conclude(List.of(capabilities(0x3F | Capabilities.STREAM, 120)))))
        .isEqualTo(RejectCode.MESSAGE_API);
    assertThat(
            refusal(
                new Client()
                    .conclude(
                        List.of(
                            new Capabilities(
                                ExtensionType.HANDSHAKE_REQUEST, 0x010200, 0x3F, 1, 1)))))
        .isEqualTo(RejectCode.VERSION);
    assertRefused(
        RejectCode.CONGESTION, new HandshakeExtension.Text(ExtensionType.CONGESTION, "file"));
    assertRefused(
        RejectCode.FILTER, new HandshakeExtension.Text(ExtensionType.FILTER, "fec,cols:10"));
    assertRefused(RejectCode.GROUP, new HandshakeExtension.Other(ExtensionType.GROUP, 2));
    assertThat(handler.requests).isEmpty();
    handler.decideAtOnce(SrtDecision.accept("0123456789"));
    byte[] keys =
        KeyExchange.create("0123456789", 16, new SecureRandom(), 1 << 20, 1 << 10).handshakeBody();
    keys[8] = 4; // AES-GCM
    keys[9] = 1;
    assertRefused(RejectCode.CRYPTO, new HandshakeExtension.Keys(ExtensionType.KEY_REQUEST, keys));
    assertThat(server.connections()).isZero();
  }

  private void assertRefused(int code, HandshakeExtension extension) throws Exception {
    assertThat(refusal(new Client().conclude(wish(extension)))).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({"-1, 1500, 8192", "7, 100, 8192", "7, -1, 8192", "7, 1500, 0", "7, 1500, -5"})
  void impossibleNumbersAreRefused(int sequence, int mtuBytes, int windowPackets) throws Exception {
    Client client = new Client();
    client.send(
        packet(
            new Handshake(
                Handshake.VERSION_5,
                0,
                5,
                sequence,
                mtuBytes,
                windowPackets,
                Handshake.CONCLUSION,
                SOCKET_ID,
                client.cookie(),
                Handshake.PeerAddress.NONE,
                wish())));
    assertThat(refusal(client.receiveHandshake())).isEqualTo(RejectCode.ROGUE);
  }

  @Test
  void handshakesInProgressAreLimitedByAddress() throws Exception {
    CompletableFuture<SrtDecision> undecided = new CompletableFuture<>();
    handler.decide = _ -> undecided;
    List<Client> waiting = new ArrayList<>();
    for (int i = 0; i < HANDSHAKES_PER_ADDRESS; i++) {
      Client client = new Client();
      client.send(conclusion(client.cookie(), Handshake.VERSION_5, wish()));
      assertThat(handler.requests.poll(5, TimeUnit.SECONDS)).isNotNull();
      waiting.add(client);
    }
    assertThat(refusal(new Client().conclude(wish()))).isEqualTo(RejectCode.OVERLOAD);
    assertThat(handler.requests).isEmpty();
    undecided.complete(SrtDecision.accept());
    for (Client client : waiting) {
      assertThat(client.receiveHandshake().type()).isEqualTo(Handshake.CONCLUSION);
    }
    assertThat(new Client().conclude(wish()).type()).isEqualTo(Handshake.CONCLUSION);
  }

  @Test
  void packetsOfAnotherAddressAreNotTaken() throws Exception {
    Client client = new Client();
    Handshake answer = client.conclude(wish());
    RecordingSrtHandler.Recorded recorded = handler.opened.poll(5, TimeUnit.SECONDS);
    ByteBuf data = Unpooled.buffer();
    SrtPacket.writeData(data, 7, 1, 0, answer.socketId());
    data.writeZero(188);
    ByteBuf shutdown = Unpooled.buffer();
    SrtPacket.writeEmptyControl(shutdown, ControlType.SHUTDOWN, 0, answer.socketId());
    Client stranger = new Client();
    stranger.send(data);
    stranger.send(shutdown);
    assertThat(stranger.answersSoFar()).isZero();
    assertThat(recorded.end).isNotDone();
    client.send(data);
    assertThat(recorded.awaitEnding(new byte[188], 5_000)).hasSize(188);
    SrtStatistics statistics =
        recorded.publication.statistics().toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(statistics.pktRecv()).isEqualTo(1);
    client.send(shutdown);
    assertThat(recorded.end.get(5, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
  }

  @Test
  void newcomersAreToldThatTheServerCloses() throws Exception {
    server.stopListening();
    assertThat(refusal(new Client().conclude(wish()))).isEqualTo(RejectCode.CLOSE);
  }

  @Test
  void hostileDatagramsLeaveNothingBehind() throws Exception {
    handler.decideAtOnce(SrtDecision.reject(RejectCode.UNAUTHORIZED, "no"));
    Client client = new Client();
    int cookie = client.cookie();
    for (int seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      ByteBuf packet =
          switch (random.nextInt(3)) {
            case 0 -> induction();
            case 1 -> conclusion(cookie, Handshake.VERSION_5, wish());
            default -> Unpooled.buffer().writeZero(random.nextInt(1472));
          };
      for (int i = random.nextInt(6); i > 0 && packet.isReadable(); i--) {
        packet.setByte(random.nextInt(packet.readableBytes()), random.nextInt());
      }
      client.send(packet.slice(0, random.nextInt(packet.readableBytes() + 1)));
      if (seed % 100 == 0) {
        client.answersSoFar(); // so that no buffer runs over
      }
    }
    client.answersSoFar();
    handler.decideAtOnce(SrtDecision.accept());
    assertThat(new Client().conclude(wish()).type()).isEqualTo(Handshake.CONCLUSION);
    assertThat(server.connections()).isEqualTo(1);
  }

  /** Everything an authenticated peer can send, and the connection of another goes on. */
  @Test
  void hostilePeerHarmsNobodyElse() throws Exception {
    Client good = new Client();
    Handshake goodAnswer = good.conclude(wish());
    RecordingSrtHandler.Recorded recorded = handler.opened.poll(5, TimeUnit.SECONDS);
    Client bad = new Client();
    Handshake badAnswer = bad.conclude(wish());
    for (int seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      ByteBuf packet = Unpooled.buffer();
      if (random.nextBoolean()) {
        SrtPacket.writeControl(
            packet,
            random.nextInt(10) == 9 ? ControlType.USER_DEFINED : 1 + random.nextInt(8),
            random.nextInt(9),
            random.nextInt(),
            random.nextInt(),
            badAnswer.socketId());
      } else {
        SrtPacket.writeData(
            packet, random.nextInt(), random.nextInt(), random.nextInt(), badAnswer.socketId());
        SrtPacket.setKeyFlags(packet, random.nextInt(4));
      }
      for (int i = random.nextInt(20); i > 0; i--) {
        packet.writeInt(random.nextInt());
      }
      bad.send(packet);
      if (seed % 100 == 0) {
        bad.answersSoFar();
      }
    }
    ByteBuf data = Unpooled.buffer();
    SrtPacket.writeData(data, 7, 1, 0, goodAnswer.socketId());
    good.send(data.writeZero(188));
    assertThat(recorded.awaitEnding(new byte[188], 5_000)).hasSize(188);
    assertThat(recorded.end).isNotDone();
  }

  @Test
  void silenceIsOverAfterASocketTimeout() throws Exception {
    Client client = new Client();
    client.socket.setSoTimeout(50);
    ByteBuf rendezvous = induction();
    rendezvous.setInt(SrtPacket.HEADER_BYTES + 20, Handshake.WAVE_A_HAND);
    client.send(rendezvous);
    try {
      client.receive();
      throw new AssertionError("a rendezvous was answered");
    } catch (SocketTimeoutException e) {
      assertThat(server.connections()).isZero();
    }
  }
}
