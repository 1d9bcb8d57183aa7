package io.millrace.loadtest.srt;

import io.millrace.transport.Loops;
import io.millrace.transport.srt.EndReason;
import io.millrace.transport.srt.SrtDecision;
import io.millrace.transport.srt.SrtPublication;
import io.millrace.transport.srt.SrtPublicationListener;
import io.millrace.transport.srt.SrtPublishHandler;
import io.millrace.transport.srt.SrtRequest;
import io.millrace.transport.srt.SrtServer;
import io.millrace.transport.srt.SrtSessionSummary;
import io.millrace.transport.srt.SrtSettings;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Millrace's SRT listener as a program of its own, so that its CPU time can be told from the
 * sender's: what comes to {@code live/PORT} is passed on by UDP to that port of this machine, as
 * {@code srt-live-transmit} would; everything else is checked and dropped.
 *
 * <p>It says {@code listening PORT} first and, for each connection that has ended, an {@link
 * SessionLine}.
 */
final class SrtReceiver implements SrtPublishHandler {
  private static final int MAX_CONNECTIONS = 4096;
  private static final int MAX_INDUCTIONS_PER_SECOND = 4096;

  private final Loops loops;

  private SrtReceiver(Loops loops) {
    this.loops = loops;
  }

  /**
   * Runs until it is ended. Arguments: event loops, the number of cores if left out; and where to
   * listen, on loopback if left out.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int threads =
        args.length > 0 ? Integer.parseInt(args[0]) : Runtime.getRuntime().availableProcessors();
    InetAddress bind =
        args.length > 1 ? InetAddress.getByName(args[1]) : InetAddress.getLoopbackAddress();
    Loops loops = Loops.open(threads, "srt");
    SrtSettings settings =
        SrtSettings.defaults()
            .withLatency(Duration.ZERO, Duration.ofSeconds(10))
            .withLimits(MAX_CONNECTIONS, MAX_CONNECTIONS, MAX_INDUCTIONS_PER_SECOND)
            .withHandshakesPerSource(MAX_INDUCTIONS_PER_SECOND);
    try (SrtServer server =
        SrtServer.bind(loops, new InetSocketAddress(bind, 0), settings, new SrtReceiver(loops))) {
      System.out.println("listening " + server.address().getPort());
      new CountDownLatch(1).await();
    }
  }

  @Override
  public CompletionStage<SrtDecision> authorize(SrtRequest request) {
    return CompletableFuture.completedFuture(SrtDecision.accept());
  }

  @Override
  public SrtPublicationListener opened(SrtPublication publication) {
    String name = publication.request().stream().name();
    return name.chars().allMatch(Character::isDigit)
        ? new Forwarder(publication, Udp.loopback(Integer.parseInt(name)))
        : new Checker(name);
  }

  @Override
  public void sessionEnded(SrtSessionSummary summary) {
    SrtStatistics statistics = summary.statistics();
    if (statistics == null) {
      System.out.println("refused " + summary.end().text());
    }
  }

  /** Passes payloads on. */
  private final class Forwarder implements SrtPublicationListener {
    private final InetSocketAddress to;
    private final CompletableFuture<Channel> opened = new CompletableFuture<>();

    private Forwarder(SrtPublication publication, InetSocketAddress to) {
      this.to = to;
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  opened.complete(
                      Udp.open(publication.eventLoop(), new ChannelInboundHandlerAdapter()));
                } catch (IOException e) {
                  opened.completeExceptionally(e);
                }
              });
    }

    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      Channel out = opened.getNow(null);
      if (out == null) {
        payload.release(); // the first milliseconds
      } else {
        out.writeAndFlush(new DatagramPacket(payload, to), out.voidPromise());
      }
    }

    @Override
    public void onEnd(EndReason reason) {
      opened.thenAccept(Channel::close);
    }
  }

  /** Looks whether numbers follow one another, and drops. */
  private static final class Checker implements SrtPublicationListener {
    private final String name;
    private long next = -1;
    private long payloads;
    private long missing;
    private long foreign;

    private Checker(String name) {
      this.name = name;
    }

    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      if (NumberedPayload.isOne(payload)) {
        long number = NumberedPayload.number(payload);
        missing += next < 0 ? 0 : number - next;
        next = number + 1;
        payloads++;
      } else {
        foreign++;
      }
      payload.release();
    }

    @Override
    public void onEnd(EndReason reason) {
      System.out.println(new SessionLine(name, payloads, missing, foreign, reason.kind().name()));
    }
  }

  /**
   * What a session that was dropped amounts to, as one line of text.
   *
   * @param payloads received
   * @param missing numbers left out, behind the first
   * @param foreign messages that are no numbered payloads
   */
  record SessionLine(String name, long payloads, long missing, long foreign, String end) {
    private static final String WORD = "session";

    /** Reads a line; null when it is another kind of line. */
    static @Nullable SessionLine parse(String line) {
      String[] words = line.strip().split(" ", -1);
      return words.length == 6 && words[0].equals(WORD)
          ? new SessionLine(
              words[1],
              Long.parseLong(words[2]),
              Long.parseLong(words[3]),
              Long.parseLong(words[4]),
              words[5])
          : null;
    }

    @Override
    public String toString() {
      return String.join(
          " ",
          WORD,
          name,
          Long.toString(payloads),
          Long.toString(missing),
          Long.toString(foreign),
          end);
    }
  }
}
