package io.millrace.server.edge;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpProtocol;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.QueryParameters;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.RequestHeaders;
import io.millrace.transport.http.RequestTarget;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A viewer's request without a connection: any number of them cost nothing. */
public final class FakeExchange implements HttpExchange {
  final CompletableFuture<HttpReply> reply = new CompletableFuture<>();
  private final RequestTarget target;
  private final Map<String, String> headers = new HashMap<>();
  private final ScheduledExecutorService loop;
  private String method = "GET";
  private boolean early;
  private boolean secure = true;
  private volatile Runnable cancel = () -> {};

  public FakeExchange(ScheduledExecutorService loop, String target) {
    this.loop = loop;
    try {
      this.target = RequestTarget.parse(target);
    } catch (RequestTarget.MalformedTargetException e) {
      throw new IllegalArgumentException(e);
    }
  }

  public FakeExchange with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  public FakeExchange method(String name) {
    method = name;
    return this;
  }

  public FakeExchange asEarlyData() {
    early = true;
    return this;
  }

  public FakeExchange inTheClear() {
    secure = false;
    return this;
  }

  /** The client goes away. */
  void leave() {
    loop.execute(() -> cancel.run());
  }

  /** Null while there is none. */
  public HttpReply answer() {
    return reply.getNow(null);
  }

  /** Waits for it. */
  public HttpReply await() throws Exception {
    return reply.get(10, TimeUnit.SECONDS);
  }

  /** What there is of the content, for other packages. */
  public static String textOf(HttpReply reply) {
    return text(reply);
  }

  /** What there is of the content. */
  static String text(HttpReply reply) {
    return new String(bytes(reply), StandardCharsets.UTF_8);
  }

  static byte[] bytes(HttpReply reply) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (reply.body()) {
      case ReplyBody.Empty _ -> {}
      case ReplyBody.Bytes bytes -> {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        bytes.arrays().forEach(all::writeBytes);
        out.write(all.toByteArray(), (int) bytes.offset(), (int) bytes.sizeBytes());
      }
      case ReplyBody.Growing growing ->
          growing.content().growth().chunks().forEach(out::writeBytes);
      case ReplyBody.Live live -> {
        for (byte[] piece = live.content().next(); piece != null; piece = live.content().next()) {
          out.writeBytes(piece);
        }
      }
    }
    return out.toByteArray();
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return target.path();
  }

  @Override
  public QueryParameters query() {
    return target.query();
  }

  @Override
  public RequestHeaders headers() {
    return headers::get;
  }

  @Override
  public byte[] body() {
    return new byte[0];
  }

  @Override
  public InetSocketAddress remote() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public boolean secure() {
    return secure;
  }

  @Override
  public HttpProtocol protocol() {
    return HttpProtocol.HTTP_1_1;
  }

  @Override
  public boolean early() {
    return early;
  }

  @Override
  public boolean respond(HttpReply answer) {
    return reply.complete(answer);
  }

  @Override
  public void onCancel(Runnable action) {
    cancel = action;
  }

  @Override
  public boolean cancelled() {
    return false;
  }

  @Override
  public void route(String name) {}

  @Override
  public int inFlight() {
    return 1;
  }

  @Override
  public ScheduledExecutorService executor() {
    return loop;
  }
}
