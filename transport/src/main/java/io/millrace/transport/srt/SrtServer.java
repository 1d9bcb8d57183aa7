package io.millrace.transport.srt;

import io.millrace.transport.Loops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An SRT listener, live mode, and the connections that came in through it. Methods may be called
 * from any thread.
 *
 * <p>With epoll there is a socket for each event loop, all of one address: the kernel gives a
 * caller's datagrams always to the same. Elsewhere there is one socket, whose loop hands packets
 * over.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // of adding listeners, and of timers that complete a future
public final class SrtServer implements AutoCloseable {
  /** Of passphrases to be checked at once: more are refused. */
  private static final int MAX_KEYS_WAITING = 256;

  private static final int KEY_THREAD_IDLE_S = 10;

  /** How long the last packets get to leave. */
  private static final long FAREWELL_MS = 50;

  private final ListenerContext context;
  private final ThreadPoolExecutor keyThreads;
  private final SrtPort[] ports;
  private final List<Channel> channels = new ArrayList<>();

  private SrtServer(
      Loops loops, SrtSettings settings, SrtPublishHandler handler, ReceivePath path) {
    keyThreads =
        new ThreadPoolExecutor(
            1,
            1,
            KEY_THREAD_IDLE_S,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_KEYS_WAITING),
            Thread.ofPlatform().daemon().name("srt-keys-", 0).factory());
    keyThreads.allowCoreThreadTimeOut(true);
    context = new ListenerContext(settings, handler, keyThreads);
    List<SrtPort> list = new ArrayList<>();
    for (EventExecutor executor : loops.group()) {
      list.add(new SrtPort((EventLoop) executor, list.size(), Ticker.systemTicker(), path));
    }
    ports = list.toArray(SrtPort[]::new);
  }

  /**
   * Listens. Waits until the sockets are open: not for event loops.
   *
   * @param loops borrowed: the caller shuts them down, after this server
   * @param address port 0 takes a free one
   * @throws IOException when the address cannot be bound
   */
  public static SrtServer bind(
      Loops loops, InetSocketAddress address, SrtSettings settings, SrtPublishHandler handler)
      throws IOException {
    return bind(loops, address, settings, handler, ReceivePath.wanted());
  }

  static SrtServer bind(
      Loops loops,
      InetSocketAddress address,
      SrtSettings settings,
      SrtPublishHandler handler,
      ReceivePath path)
      throws IOException {
    SrtServer server = new SrtServer(loops, settings, handler, path);
    try {
      server.open(address);
    } catch (IOException e) {
      server.closeChannels();
      throw e;
    }
    return server;
  }

  private void open(InetSocketAddress address) throws IOException {
    boolean shared = UdpChannels.isEpoll(ports[0].loop());
    InetSocketAddress wanted = shared ? free(address) : address;
    List<SrtPort> reading = shared ? List.of(ports) : List.of(ports[0]);
    for (SrtPort port : reading) {
      channels.add(
          UdpChannels.bind(
              port.loop(),
              wanted,
              context.settings().socketBufferBytes(),
              shared,
              new Starter(shared ? List.of(port) : List.of(ports))));
      wanted = (InetSocketAddress) channels.getFirst().localAddress();
    }
  }

  /** Finds out whether somebody else has the address already: a shared socket would not tell. */
  private InetSocketAddress free(InetSocketAddress address) throws IOException {
    Channel probe =
        UdpChannels.bind(
            ports[0].loop(),
            address,
            SrtSettings.MAX_MTU_BYTES,
            /* shared= */ false,
            new ChannelInboundHandlerAdapter());
    InetSocketAddress found = (InetSocketAddress) probe.localAddress();
    probe.close().awaitUninterruptibly();
    return found;
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channels.getFirst().localAddress();
  }

  /** Connections and undecided handshakes now. */
  public int connections() {
    return context.limiter().connections();
  }

  /** Handshakes refused because of a limit, since the start. */
  public long refusedConnections() {
    return context.limiter().refused();
  }

  /** Packets dropped here since the start: a loop or a socket was overrun. */
  public long droppedPackets() {
    long dropped = 0;
    for (SrtPort port : ports) {
      dropped += port.droppedPackets();
    }
    return dropped;
  }

  /** Refuses new publishers from here on; connections go on. */
  public void stopListening() {
    context.beginClosing();
  }

  /**
   * Refuses new publishers, disconnects those that are there and closes the sockets.
   *
   * @return completes when the sockets are closed
   */
  public CompletableFuture<Void> shutdown(String reason) {
    context.beginClosing();
    keyThreads.shutdown();
    List<CompletableFuture<Void>> ended = new ArrayList<>();
    for (SrtPort port : ports) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      ended.add(done);
      try {
        port.loop()
            .execute(
                () -> {
                  EndReason end = EndReason.of(EndReason.Kind.CLOSED_LOCALLY, reason);
                  port.links().forEach(link -> link.close(end));
                  port.loop()
                      .schedule(() -> done.complete(null), FAREWELL_MS, TimeUnit.MILLISECONDS);
                });
      } catch (RejectedExecutionException e) {
        done.complete(null); // the loops were shut down before the server
      }
    }
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new))
        .thenCompose(_ -> closeChannels());
  }

  /** Begins {@link #shutdown} and does not wait for it. */
  @Override
  public void close() {
    CompletableFuture<Void> unused = shutdown("the server is shutting down");
  }

  private CompletableFuture<Void> closeChannels() {
    CompletableFuture<?>[] closed =
        channels.stream()
            .map(
                channel -> {
                  CompletableFuture<Void> done = new CompletableFuture<>();
                  channel.close().addListener(_ -> done.complete(null));
                  return done;
                })
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(closed);
  }

  /** Gives ports their channel before anything is read from it; the first of them reads. */
  private final class Starter extends ChannelInitializer<Channel> {
    private final List<SrtPort> served;

    private Starter(List<SrtPort> served) {
      this.served = served;
    }

    @Override
    protected void initChannel(Channel channel) {
      served.forEach(port -> port.start(ports, new Door(context, port), channel));
      channel.pipeline().addLast(served.getFirst());
    }
  }
}
