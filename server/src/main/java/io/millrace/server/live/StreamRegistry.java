package io.millrace.server.live;

import io.millrace.media.StreamKey;
import io.millrace.server.event.EventSink;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All streams of this server by key. Thread-safe. */
public final class StreamRegistry {
  private final ConcurrentHashMap<StreamKey, ActiveStream> streams = new ConcurrentHashMap<>();
  private final EventSink events;

  /** Streams that nobody is told of. */
  public StreamRegistry() {
    this(EventSink.NONE);
  }

  /**
   * @param events is told what becomes of the streams
   */
  public StreamRegistry(EventSink events) {
    this.events = events;
  }

  /** Is told what becomes of the streams. */
  EventSink events() {
    return events;
  }

  /** Returns the stream, live, interrupted or just ended; null when there is none. */
  public @Nullable ActiveStream find(StreamKey key) {
    return streams.get(key);
  }

  public Collection<ActiveStream> all() {
    return streams.values();
  }

  /**
   * Gives {@code publisher} the stream of that name, making it where there is none or where the
   * last one has ended.
   *
   * @param factory makes a stream; called at most once, must not block
   * @return null when the name is busy and stays with its publisher
   */
  public @Nullable ActiveStream claim(
      StreamKey key, Publisher publisher, Function<StreamKey, ActiveStream> factory) {
    ActiveStream stream =
        streams.compute(
            key,
            (k, existing) -> existing == null || existing.isEnded() ? factory.apply(k) : existing);
    return stream.attach(publisher) ? stream : null;
  }

  /**
   * Shows a stream that was published before the server started, unless it is already published
   * again.
   *
   * @param factory makes a stream; called at most once, must not block
   * @return null where there is one
   */
  public @Nullable ActiveStream restore(StreamKey key, Function<StreamKey, ActiveStream> factory) {
    boolean[] made = {false};
    ActiveStream stream =
        streams.computeIfAbsent(
            key,
            k -> {
              made[0] = true;
              return factory.apply(k);
            });
    return made[0] ? stream : null;
  }

  void remove(ActiveStream stream) {
    streams.remove(stream.key(), stream);
  }
}
