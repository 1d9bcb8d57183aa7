package io.millrace.server.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ClientRequest;
import io.millrace.transport.http.client.ReplyHead;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The origins of an edge. A stream is asked of the same one as long as that has it (by rendezvous
 * hashing, so that edges agree and a lost origin moves only its own streams), and of the next one
 * when it is down, fails, or knows no such stream.
 *
 * <p>{@link #fetch} and {@link #troubledSince} from any thread; all else on the one loop that the
 * origins' connections are on.
 */
final class Origins implements Fetcher, AutoCloseable {
  private static final Duration CHECK_EVERY = Duration.ofSeconds(2);

  /** A stream that has just begun holds requests for up to ten seconds. */
  private static final Duration HEAD_WITHIN = Duration.ofSeconds(14);

  /** Three target durations of the longest segments (RFC 8216bis §6.2.5.2), and some more. */
  private static final Duration HELD_WITHIN = Duration.ofSeconds(50);

  private static final int MAX_REMEMBERED = 10_000;

  private final List<OriginServer> servers;
  private final ScheduledExecutorService loop;
  private final LongSupplier clockNs;
  private final EdgeStats stats;
  private final Function<String, List<Header>> credentials;
  private final ScheduledFuture<?> checking;

  /** Where a stream was last found, and when. */
  private static final class Home {
    final OriginServer server;
    volatile long seenNs;

    Home(OriginServer server) {
      this.server = server;
    }
  }

  private final Cache<String, Home> found =
      Caffeine.newBuilder()
          .maximumSize(MAX_REMEMBERED)
          .expireAfterAccess(Duration.ofMinutes(5))
          .build();

  /**
   * @param servers at least one; closed with this
   * @param credentials fields that a stream, {@code /app/name}, is asked for with
   */
  Origins(
      List<OriginServer> servers,
      ScheduledExecutorService loop,
      LongSupplier clockNs,
      EdgeStats stats,
      Function<String, List<Header>> credentials) {
    this.servers = List.copyOf(servers);
    this.loop = loop;
    this.clockNs = clockNs;
    this.stats = stats;
    this.credentials = credentials;
    long everyMs = CHECK_EVERY.toMillis();
    this.checking =
        loop.scheduleWithFixedDelay(
            () -> this.servers.forEach(OriginServer::check),
            everyMs,
            everyMs,
            TimeUnit.MILLISECONDS);
  }

  /** Answers that mean that an origin, or what is between, does not work. */
  static boolean isFailure(ReplyHead head) {
    return switch (head.status()) {
      case 500, 502, 504 -> true;
      case 503 -> !"Millrace".equals(head.field("server")); // ours is about the stream
      default -> false;
    };
  }

  @Override
  public boolean troubledSince(String stream, long sinceNs) {
    Home home = found.getIfPresent(stream);
    return home != null && home.server.troubledSince(Math.max(sinceNs, home.seenNs));
  }

  private void seen(String stream, OriginServer server) {
    Home home = found.getIfPresent(stream);
    if (home == null || home.server != server) {
      home = new Home(server);
      found.put(stream, home);
    }
    home.seenNs = clockNs.getAsLong();
  }

  @Override
  public ClientCall fetch(ObjectKey key, List<Header> headers, ClientListener listener) {
    Attempt attempt = new Attempt(key, headers, listener);
    loop.execute(attempt::begin);
    return () -> loop.execute(attempt::cancel);
  }

  /** All that may be asked, in the order in which they are. */
  private List<OriginServer> candidates(String stream, long nowNs) {
    List<OriginServer> order = new ArrayList<>(servers);
    order.sort(Comparator.comparingLong(server -> -weight(server.name, stream)));
    Home last = found.getIfPresent(stream);
    if (last != null && order.remove(last.server)) {
      order.addFirst(last.server);
    }
    order.removeIf(server -> !server.mayBeAsked(nowNs));
    order.sort(Comparator.comparing(server -> !server.isUp())); // stable
    return order;
  }

  /** Of rendezvous hashing: every edge comes to the same order. Mixed as by SplitMix64. */
  static long weight(String server, String stream) {
    long z = 0x9E3779B97F4A7C15L * server.hashCode() + stream.hashCode();
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (z ^ (z >>> 31)) >>> 1;
  }

  @Override
  public void close() {
    checking.cancel(false);
    servers.forEach(OriginServer::close);
  }

  /** One request, of one origin after the other until one answers. On the loop. */
  private final class Attempt implements ClientListener {
    private final ObjectKey key;
    private final List<Header> headers;
    private final ClientListener listener;
    private final String stream;
    private final Queue<OriginServer> left = new ArrayDeque<>();
    private boolean remembered;
    private @Nullable OriginServer server;
    private @Nullable ClientCall call;
    private boolean passing;
    private boolean cancelled;
    private ClientFailure failure = new ClientFailure(Kind.CONNECT, "every origin is down");

    Attempt(ObjectKey key, List<Header> headers, ClientListener listener) {
      this.key = key;
      this.headers = headers;
      this.listener = listener;
      this.stream = key.stream();
    }

    void begin() {
      remembered = found.getIfPresent(stream) != null;
      left.addAll(candidates(stream, clockNs.getAsLong()));
      next();
    }

    void cancel() {
      cancelled = true;
      if (call != null) {
        call.cancel();
      }
    }

    private void next() {
      if (cancelled) {
        return;
      }
      OriginServer chosen = left.poll();
      if (chosen == null) {
        listener.failed(failure);
        return;
      }
      server = chosen;
      stats.askedOrigin();
      List<Header> all = new ArrayList<>(headers);
      all.addAll(credentials.apply(stream));
      call =
          chosen.pool.get(
              new ClientRequest(key.target(), all, key.blocks() ? HELD_WITHIN : HEAD_WITHIN), this);
    }

    @Override
    public void head(ReplyHead head) {
      OriginServer from = server;
      if (from == null || cancelled) {
        return;
      }
      from.answered();
      boolean elsewhere =
          head.status() == 404 && (key.kind() == ObjectKey.Kind.LIST || !remembered);
      if ((isFailure(head) || elsewhere) && !left.isEmpty()) {
        if (call != null) {
          call.cancel();
        }
        next();
        return;
      }
      if (head.status() == 200 || head.status() == 304) {
        seen(stream, from);
      }
      passing = true;
      listener.head(head);
    }

    @Override
    public void data(byte[] chunk) {
      if (passing && !cancelled) {
        listener.data(chunk);
      }
    }

    @Override
    public void ended() {
      if (passing && !cancelled) {
        listener.ended();
      }
    }

    @Override
    public void failed(ClientFailure why) {
      OriginServer from = server;
      if (cancelled || from == null) {
        return;
      }
      stats.originFailed();
      from.failed(why);
      failure = why;
      if (passing) {
        listener.failed(why);
      } else {
        next();
      }
    }
  }
}
