package io.millrace.server.push;

import io.millrace.media.StreamKey;
import io.millrace.server.config.Config;
import io.millrace.server.config.PushKey;
import io.millrace.server.config.PushTarget;
import io.millrace.server.config.PushTarget.Trust;
import io.millrace.server.config.StreamRule;
import io.millrace.server.event.EventSink;
import io.millrace.server.live.Pushes;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpCapabilities;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import io.millrace.transport.tls.ClientTls;
import io.millrace.transport.tls.TlsCredentialsException;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Sends streams on: the connections of all of them, and what servers are known by. Thread-safe. */
public final class PushService implements Pushes.Factory {
  /**
   * More than {@link PushConnection} gives while something waits, and the largest message (RTMP 1.0
   * §5.3.1: 24 bits).
   */
  private static final int MAX_PENDING_BYTES = 24 << 20;

  /** A server that wants to be left for another is left, and called where it is configured. */
  private static final RtmpCapabilities CAPABILITIES =
      new RtmpCapabilities(
          RtmpCapabilities.MILLRACE.fourCcs(),
          RtmpCapabilities.MILLRACE.videoFourCcs(),
          RtmpCapabilities.MILLRACE.audioFourCcs(),
          RtmpCapabilities.MOD_EX | RtmpCapabilities.TIMESTAMP_NANO_OFFSET);

  private final Loops loops;
  private final PushSettings settings;
  private volatile Map<Trust, ClientTls> trusted = Map.of();

  /**
   * @param loops borrowed
   * @param events is told what becomes of the pushes
   */
  public PushService(Loops loops, EventSink events, InstantSource clock) {
    this.loops = loops;
    this.settings =
        new PushSettings(
            this::connect,
            new TakenPlaces(),
            () -> new PushBackOff(ThreadLocalRandom.current()),
            events,
            System::nanoTime,
            clock);
  }

  /**
   * Reads what servers are known by, for the connections to come. Not on an event loop.
   *
   * @throws IOException when a file cannot be read
   * @throws TlsCredentialsException when it holds no certificate
   */
  public void trust(Config config) throws IOException {
    Map<Trust, ClientTls> read = new HashMap<>();
    for (StreamRule rule : config.streams()) {
      for (PushTarget target : rule.policy().push()) {
        if (target.secure() && !read.containsKey(target.trust())) {
          read.put(target.trust(), tls(target.trust()));
        }
      }
    }
    trusted = Map.copyOf(read);
  }

  private static ClientTls tls(Trust trust) throws IOException {
    return trust.pins().isEmpty()
        ? ClientTls.trusting(trust.authorities())
        : ClientTls.pinning(trust.pins());
  }

  @Override
  public Pushes create(StreamKey key, EventLoop loop, Pushes.Feed feed) {
    return new StreamPushes(key, loop, feed, settings);
  }

  private CompletionStage<PushLink> connect(PushTarget target) {
    ClientTls tls = trusted.get(target.trust());
    if (target.secure() && tls == null) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("the configuration has changed meanwhile"));
    }
    RtmpTarget to =
        new RtmpTarget(
            target.secure(), target.host(), target.port(), target.app(), target.key().secret());
    return RtmpPublisher.publish(
            loops,
            to,
            RtmpPublisherSettings.defaults()
                .withMaxPending(MAX_PENDING_BYTES)
                .withCapabilities(CAPABILITIES),
            tls)
        .thenApply(PushLink::of);
  }

  private static final class TakenPlaces implements PushSettings.Places {
    private record Place(String where, PushKey key) {
      static Place of(PushTarget target) {
        return new Place(target.place(), target.key());
      }
    }

    private final Map<Place, StreamKey> taken = new ConcurrentHashMap<>();

    @Override
    public @Nullable StreamKey take(PushTarget target, StreamKey stream) {
      StreamKey other = taken.putIfAbsent(Place.of(target), stream);
      return other == null || other.equals(stream) ? null : other;
    }

    @Override
    public void leave(PushTarget target, StreamKey stream) {
      taken.remove(Place.of(target), stream);
    }
  }
}
