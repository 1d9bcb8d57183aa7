package io.millrace.server.edge;

import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ReplyHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An origin that answers when a test says so, or by a rule. */
final class FakeOrigin implements Fetcher {
  /** A request that was made of it. */
  final class Asked {
    final ObjectKey key;
    final List<Header> headers;
    private final ClientListener listener;
    volatile boolean cancelled;

    Asked(ObjectKey key, List<Header> headers, ClientListener listener) {
      this.key = key;
      this.headers = headers;
      this.listener = listener;
    }

    String header(String name) {
      return headers.stream()
          .filter(each -> each.name().equals(name))
          .map(Header::value)
          .findFirst()
          .orElse(null);
    }

    void head(int status, String... fields) {
      List<Map.Entry<String, String>> all = new ArrayList<>();
      for (int i = 0; i < fields.length; i += 2) {
        all.add(Map.entry(fields[i], fields[i + 1]));
      }
      onLoop(() -> listener.head(new ReplyHead(status, all)));
    }

    void data(String chunk) {
      data(chunk.getBytes(StandardCharsets.UTF_8));
    }

    void data(byte[] chunk) {
      onLoop(() -> listener.data(chunk));
    }

    void end() {
      onLoop(listener::ended);
    }

    void fail(ClientFailure.Kind kind) {
      troubled = true;
      onLoop(() -> listener.failed(new ClientFailure(kind, "the test says so")));
    }

    /** A whole reply that may be kept so many seconds. */
    void answer(String body, int maxAgeS) {
      head(
          200,
          "content-type",
          "t/p",
          "cache-control",
          "public, max-age=" + maxAgeS,
          "etag",
          "\"" + body.hashCode() + "\"",
          "accept-ranges",
          "bytes",
          "content-length",
          "" + body.length());
      data(body);
      end();
    }

    private void onLoop(Runnable what) {
      loop.execute(
          () -> {
            if (!cancelled) {
              what.run();
            }
          });
    }
  }

  final List<Asked> all = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final ScheduledExecutorService loop;
  private volatile Consumer<Asked> rule = _ -> {};
  volatile boolean troubled;

  FakeOrigin(ScheduledExecutorService loop) {
    this.loop = loop;
  }

  /** Has every request from here on answered so. */
  void always(Consumer<Asked> what) {
    rule = what;
  }

  /** The next request. */
  Asked next() throws InterruptedException {
    Asked next = asked.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the origin was not asked");
    }
    return next;
  }

  @Override
  public ClientCall fetch(ObjectKey key, List<Header> headers, ClientListener listener) {
    Asked request = new Asked(key, headers, listener);
    all.add(request);
    asked.add(request);
    rule.accept(request);
    return () -> request.cancelled = true;
  }

  @Override
  public boolean troubledSince(String stream, long sinceNs) {
    return troubled;
  }
}
