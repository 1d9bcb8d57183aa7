package io.millrace.server.edge;

import io.millrace.server.event.EventSink;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.client.ClientSettings;
import io.millrace.transport.http.client.ClientTarget;
import io.millrace.transport.http.client.HttpClientPool;
import io.millrace.transport.tls.ClientTls;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server in the edge role: the cache, the origins behind it, and the routes before it. */
public final class Edge implements AutoCloseable {
  /**
   * Where an edge's streams come from.
   *
   * @param authorities PEM certificates that are trusted; null for those of the platform
   * @param pins SHA-256 of the origins' certificates; unless empty, only these are trusted
   */
  public record Sources(List<URI> origins, @Nullable Path authorities, List<String> pins) {
    public Sources {
      origins = List.copyOf(origins);
      pins = List.copyOf(pins);
    }
  }

  private final EdgeCache cache;
  private final Origins origins;
  private final EdgeStats stats;
  private final @Nullable DiskTier disk;

  private Edge(EdgeCache cache, Origins origins, EdgeStats stats, @Nullable DiskTier disk) {
    this.cache = cache;
    this.origins = origins;
    this.stats = stats;
    this.disk = disk;
  }

  /**
   * Opens one; it connects when it is first asked.
   *
   * @param loops borrowed: the caller shuts them down, after this
   * @param clock of the wall, for what outlives this process on disk
   * @param credentials fields that a stream, {@code /app/name}, is asked of an origin with
   * @throws IOException when the authorities cannot be read
   */
  public static Edge open(
      Loops loops,
      Sources sources,
      EdgeSettings settings,
      InstantSource clock,
      Function<String, List<Header>> credentials,
      EventSink events)
      throws IOException {
    boolean secure = sources.origins.stream().anyMatch(uri -> "https".equals(uri.getScheme()));
    ClientTls tls =
        !secure
            ? null
            : sources.pins.isEmpty()
                ? ClientTls.trusting(sources.authorities)
                : ClientTls.pinning(sources.pins);
    EventLoop loop = loops.group().next();
    List<OriginServer> servers = new ArrayList<>();
    for (URI uri : sources.origins) {
      ClientTarget target = ClientTarget.of(uri);
      servers.add(
          new OriginServer(
              target.toString(),
              pool(loops, loop, target, tls),
              pool(loops, loop, target, tls),
              System::nanoTime,
              events));
    }
    EdgeStats stats = new EdgeStats();
    Origins origins = new Origins(servers, loop, System::nanoTime, stats, credentials);
    DiskTier disk = DiskTier.open(settings, loop, clock);
    return new Edge(
        new EdgeCache(settings, origins, loop, System::nanoTime, stats, disk),
        origins,
        stats,
        disk);
  }

  private static HttpClientPool pool(
      Loops loops, EventLoop loop, ClientTarget target, @Nullable ClientTls tls) {
    return new HttpClientPool(
        loop,
        loops.channel(),
        target,
        target.secure() ? tls : null,
        ClientSettings.DEFAULTS,
        System::nanoTime);
  }

  /**
   * What its listeners serve.
   *
   * @param own answers what is not the cache's
   * @param isOwn whether a stream, by app and name, is published here
   */
  public HttpHandler routes(HttpHandler own, BiPredicate<String, String> isOwn) {
    return new EdgeRoutes(cache, own, isOwn);
  }

  public EdgeStats stats() {
    return stats;
  }

  /** What is on disk; null without one. */
  public @Nullable DiskFigures disk() {
    DiskTier tier = disk;
    return tier == null
        ? null
        : new DiskFigures(
            tier::sizeBytes,
            tier::objects,
            tier::writes,
            tier::dropped,
            tier::errors,
            tier::evictions);
  }

  /**
   * For metrics; any thread.
   *
   * @param sizeBytes of all files
   * @param objects that are there
   * @param writes of objects
   * @param dropped objects that were not written: too large, too many at once, no room
   * @param errors of the disk
   * @param evictions of objects, to make room
   */
  public record DiskFigures(
      DoubleSupplier sizeBytes,
      DoubleSupplier objects,
      DoubleSupplier writes,
      DoubleSupplier dropped,
      DoubleSupplier errors,
      DoubleSupplier evictions) {}

  /** Bytes kept, on their way, and on their way to the disk. */
  public long heldBytes() {
    return cache.heldBytes();
  }

  /** Viewers who wait for something on its way. */
  public int waiting() {
    return cache.waiting();
  }

  @Override
  public void close() {
    origins.close();
    if (disk != null) {
      disk.close();
    }
  }
}
