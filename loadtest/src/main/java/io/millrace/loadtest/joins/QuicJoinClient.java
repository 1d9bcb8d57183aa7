package io.millrace.loadtest.joins;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.TlsStats;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/3. It asks when there are keys of early data, or when the handshake has ended: that is when
 * the server's certificate has been verified. Netty says so only when the next packet comes, a
 * round trip later, and other clients do not wait for it.
 *
 * <p>Netty does not tell whether a handshake resumed: of a name that was here before, it is taken
 * for granted.
 */
final class QuicJoinClient implements JoinClient {
  private final QuicClient client;
  private final Set<String> names = new HashSet<>();
  private volatile @Nullable Events current;

  /**
   * @param loops borrowed
   */
  QuicJoinClient(Loops loops, boolean earlyData) {
    this.client = new QuicClient(loops, earlyData, this::verifying);
  }

  @Override
  public Join join(InetSocketAddress to, String name, Conversation conversation, long stayMs)
      throws IOException, InterruptedException {
    boolean known = !names.add(name);
    Channel socket = client.socket(to, name);
    Events events = new Events(conversation);
    current = events;
    try {
      long connectNs = System.nanoTime();
      Future<QuicChannel> connecting = QuicClient.connect(socket, to, events);
      connecting.addListener(
          (Future<QuicChannel> connected) -> {
            if (connected.isSuccess()) {
              events.ask();
            } else {
              conversation.fail(connected.cause());
            }
          });
      Conversation.Joined joined = conversation.joined().get(LIMIT_S, TimeUnit.SECONDS);
      TimeUnit.MILLISECONDS.sleep(stayMs);
      var _ = connecting.getNow().close().await(1, TimeUnit.SECONDS);
      return new Join(
          connectNs,
          joined,
          events.early ? TlsStats.Kind.EARLY : known ? TlsStats.Kind.RESUMED : TlsStats.Kind.FULL);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("join over HTTP/3: " + e, e);
    } finally {
      socket.close().sync();
    }
  }

  private void verifying() {
    Events events = current;
    if (events != null) {
      events.verifying();
    }
  }

  /** Confined to its event loop, but for {@link #early}. */
  private static final class Events extends ChannelInboundHandlerAdapter {
    private final Conversation conversation;
    private @Nullable QuicChannel connection;
    private boolean asked;

    /** Whether the request was early data. */
    volatile boolean early;

    Events(Conversation conversation) {
      this.conversation = conversation;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      connection = (QuicChannel) ctx.channel();
    }

    /** Nothing can be written within the event itself. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslEarlyDataReadyEvent) {
        early = true;
        ctx.executor().execute(this::ask);
      }
      ctx.fireUserEventTriggered(event);
    }

    /** The handshake goes on behind what is on its way now. */
    void verifying() {
      QuicChannel on = connection;
      if (on != null) {
        on.eventLoop().execute(() -> on.eventLoop().execute(this::ask));
      }
    }

    void ask() {
      QuicChannel on = connection;
      if (!asked && on != null) {
        asked = true;
        QuicJoinClient.ask(on, conversation);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      conversation.fail(new IOException("the server closed the connection"));
      ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      conversation.fail(cause);
    }
  }

  private static void ask(QuicChannel on, Conversation conversation) {
    QuicClient.get(
        on,
        conversation.path(),
        new QuicClient.Answer() {
          @Override
          public void head(int status, @Nullable CharSequence coding) {
            conversation.head(status, coding);
          }

          @Override
          public void content(ByteBuf bytes) {
            conversation.content(bytes);
          }

          @Override
          public void ended() {
            if (conversation.ended() != null) {
              ask(on, conversation);
            }
          }

          @Override
          public void failed(Throwable cause) {
            conversation.fail(cause);
          }
        });
  }

  @Override
  public void close() {
    // Contexts of quiche are freed by their cleaner.
  }
}
