package io.millrace.transport.http;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The one implementation of {@link HttpExchange}, for every protocol. */
final class Exchange implements HttpExchange {
  /** Takes the reply, on the event loop; the exchange was not cancelled before. */
  interface Outlet {
    void reply(Exchange exchange, HttpReply reply);

    /** Requests that are not answered to the end; on the event loop. */
    int inFlight();
  }

  private enum Final {
    REPLIED,
    CANCELLED
  }

  /** What the request was, taken apart. */
  record Request(
      String method, RequestTarget target, RequestHeaders headers, HttpProtocol protocol) {}

  private final Request request;
  private final byte[] body;
  private final InetSocketAddress remote;
  private final boolean secure;
  private final boolean early;
  private final EventLoop loop;
  private final Outlet outlet;
  final long startNs;

  /** Of HTTP/2 and HTTP/3; set before the exchange is shown to anyone. */
  @Nullable StreamRequest stream;

  /** Null, the cancel action, or how it ended. */
  private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

  private volatile boolean gone;
  private volatile String route = "none";

  Exchange(
      Request request,
      byte[] body,
      InetSocketAddress remote,
      boolean secure,
      boolean early,
      EventLoop loop,
      Outlet outlet,
      long startNs) {
    this.request = request;
    this.body = body;
    this.remote = remote;
    this.secure = secure;
    this.early = early;
    this.loop = loop;
    this.outlet = outlet;
    this.startNs = startNs;
  }

  @Override
  public boolean respond(HttpReply reply) {
    Object was;
    do {
      was = state.get();
      if (was instanceof Final) {
        return false;
      }
    } while (!state.compareAndSet(was, Final.REPLIED));
    if (loop.inEventLoop()) {
      outlet.reply(this, reply);
      return true;
    }
    try {
      loop.execute(() -> outlet.reply(this, reply));
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the loop is shut down, and the connection with it
    }
  }

  @Override
  public void onCancel(Runnable action) {
    Object was;
    do {
      was = state.get();
      if (was == Final.CANCELLED) {
        loop.execute(action);
        return;
      }
      if (was == Final.REPLIED) {
        return;
      }
    } while (!state.compareAndSet(was, action));
  }

  /** The client has gone. Event loop only. True when there was no reply yet. */
  boolean cancel() {
    assert loop.inEventLoop();
    gone = true;
    Object was;
    do {
      was = state.get();
      if (was instanceof Final) {
        return false;
      }
    } while (!state.compareAndSet(was, Final.CANCELLED));
    if (was instanceof Runnable action) {
      action.run();
    }
    return true;
  }

  String route() {
    return route;
  }

  @Override
  public void route(String name) {
    route = name;
  }

  @Override
  public boolean cancelled() {
    return gone;
  }

  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String path() {
    return request.target().path();
  }

  @Override
  public QueryParameters query() {
    return request.target().query();
  }

  @Override
  public RequestHeaders headers() {
    return request.headers();
  }

  @Override
  public byte[] body() {
    return body;
  }

  @Override
  public InetSocketAddress remote() {
    return remote;
  }

  @Override
  public boolean secure() {
    return secure;
  }

  @Override
  public boolean early() {
    return early;
  }

  @Override
  public HttpProtocol protocol() {
    return request.protocol();
  }

  @Override
  public int inFlight() {
    assert loop.inEventLoop();
    return outlet.inFlight();
  }

  @Override
  public ScheduledExecutorService executor() {
    return loop;
  }
}
