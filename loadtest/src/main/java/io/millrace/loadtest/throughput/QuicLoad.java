package io.millrace.loadtest.throughput;

import io.millrace.loadtest.joins.QuicClient;
import io.millrace.transport.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Load over HTTP/3: a few connections, one request at a time on each. One run at a time. */
final class QuicLoad {
  private static final long LIMIT_S = 120;

  private final Loops loops;
  private final int connections;

  /**
   * @param loops borrowed
   */
  QuicLoad(Loops loops, int connections) {
    this.loops = loops;
    this.connections = connections;
  }

  /** What is asked for by all connections together. */
  private static final class Work {
    private final List<String> paths;
    private final int requests;
    private final AtomicInteger asked = new AtomicInteger();
    private final LongAdder bytes = new LongAdder();

    Work(List<String> paths, int requests) {
      this.paths = paths;
      this.requests = requests;
    }

    /** The next path; empty when all have been asked for. */
    String next() {
      int number = asked.getAndIncrement();
      return number < requests ? paths.get(number % paths.size()) : "";
    }
  }

  /**
   * Asks for {@code paths} in turn.
   *
   * @return bytes of content
   * @throws IOException when not every answer is a good one
   */
  long run(InetSocketAddress server, List<String> paths, int requests)
      throws IOException, InterruptedException {
    QuicClient client = new QuicClient(loops, false, () -> {});
    Work work = new Work(paths, requests);
    List<Channel> sockets = new ArrayList<>();
    List<CompletableFuture<QuicChannel>> running = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        Channel socket = client.socket(server, "viewer-" + i);
        sockets.add(socket);
        running.add(connect(socket, server, work));
      }
      for (CompletableFuture<QuicChannel> each : running) {
        var _ = each.get(LIMIT_S, TimeUnit.SECONDS).close().await(1, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("load over HTTP/3: " + e, e);
    } finally {
      for (Channel socket : sockets) {
        socket.close().sync();
      }
    }
    return work.bytes.sum();
  }

  /** Completes with the connection when there is nothing more to ask for. */
  private static CompletableFuture<QuicChannel> connect(
      Channel socket, InetSocketAddress server, Work work) {
    CompletableFuture<QuicChannel> over = new CompletableFuture<>();
    QuicClient.connect(
            socket,
            server,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelInactive(ChannelHandlerContext ctx) {
                over.completeExceptionally(new IOException("the server closed the connection"));
                ctx.fireChannelInactive();
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                over.completeExceptionally(cause);
              }
            })
        .addListener(
            (Future<QuicChannel> connected) -> {
              if (connected.isSuccess()) {
                new Asking(connected.getNow(), work, over).ask();
              } else {
                over.completeExceptionally(connected.cause());
              }
            });
    return over;
  }

  /** One connection's requests. Confined to its event loop. */
  private record Asking(QuicChannel connection, Work work, CompletableFuture<QuicChannel> over)
      implements QuicClient.Answer {
    void ask() {
      String path = work.next();
      if (path.isEmpty()) {
        over.complete(connection);
      } else {
        QuicClient.get(connection, path, this);
      }
    }

    @Override
    public void head(int status, @Nullable CharSequence coding) {
      if (status != 200) {
        failed(new IOException("status " + status));
      }
    }

    @Override
    public void content(ByteBuf content) {
      work.bytes.add(content.readableBytes());
    }

    @Override
    public void ended() {
      ask();
    }

    @Override
    public void failed(Throwable cause) {
      over.completeExceptionally(cause);
    }
  }
}
