package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.FillerSource;
import io.millrace.server.live.Publisher;
import io.millrace.server.live.Pushes;
import io.millrace.server.live.StreamClock;
import io.millrace.server.live.StreamOutputs;
import io.millrace.server.live.StreamRegistry;
import io.millrace.server.live.StreamSettings;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where publishers of every protocol get their stream from. Thread-safe. */
public final class Streams {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

  private final StreamRegistry registry;
  private final PublishPolicy policy;
  private final StreamOutputs.Factory outputs;
  private final Pushes.Factory pushes;
  private final FillerSource fillers;
  private final StreamClock clock;
  private final StreamAdmission admission;
  private final EventSink events;

  /**
   * @param admission whether there is room for another stream that is encoded
   * @param events is told of publishers and of what is refused them
   */
  public Streams(
      StreamRegistry registry,
      PublishPolicy policy,
      StreamOutputs.Factory outputs,
      Pushes.Factory pushes,
      FillerSource fillers,
      StreamClock clock,
      StreamAdmission admission,
      EventSink events) {
    this.events = events;
    this.admission = admission;
    this.registry = registry;
    this.policy = policy;
    this.outputs = outputs;
    this.pushes = pushes;
    this.fillers = fillers;
    this.clock = clock;
  }

  /**
   * Shows a stream that was published before the server started, unless it is published again
   * already.
   *
   * @param loop where it lives
   * @param ended true where it had ended
   * @param remaining how long it stays when it has
   */
  public void restore(StreamKey key, EventLoop loop, boolean ended, Duration remaining) {
    StreamSettings settings = policy.settings(key);
    if (settings != null) {
      ActiveStream restored = registry.restore(key, name -> make(name, loop, settings));
      if (restored != null) {
        restored.awaitReturn(ended, remaining);
      }
    }
  }

  private ActiveStream make(StreamKey name, EventLoop loop, StreamSettings settings) {
    return new ActiveStream(name, loop, settings, registry, outputs, pushes, fillers, clock);
  }

  /**
   * Gives {@code publisher} an input of the stream, which is made where there is none.
   *
   * @param loop where a new stream lives
   */
  ActiveStream claim(StreamKey key, Publisher publisher, EventLoop loop)
      throws StreamUnavailableException {
    StreamSettings settings = policy.settings(key);
    if (settings == null) {
      throw new StreamUnavailableException(
          StreamUnavailableException.Kind.NOT_FOUND, key + " is not configured any more");
    }
    if (!settings.ladder().video().isEmpty() && registry.find(key) == null) {
      String refusal = admission.refusal(key, settings);
      if (refusal != null) {
        refused(EventType.STREAM_REFUSED, key, publisher, refusal);
        throw new StreamUnavailableException(StreamUnavailableException.Kind.OVERLOADED, refusal);
      }
    }
    ActiveStream stream = registry.claim(key, publisher, name -> make(name, loop, settings));
    if (stream == null) {
      refused(EventType.PUBLISH_REFUSED, key, publisher, "it has a publisher already");
      throw new StreamUnavailableException(
          StreamUnavailableException.Kind.BUSY, key + " has a publisher already");
    }
    var _ = stream.configure(settings); // one that was there may be older than what is configured
    return stream;
  }

  /** Is told of publishers. */
  EventSink events() {
    return events;
  }

  private void refused(EventType type, StreamKey key, Publisher publisher, String reason) {
    InetAddress source = publisher.remote().getAddress();
    events.say(
        LOG,
        EventNote.warn(type, key, "publisher refused")
            .with("session", publisher.sessionId())
            .with("protocol", publisher.protocol())
            .with("remote", source == null ? "" : source.getHostAddress())
            .with("reason", reason));
  }

  /** A name that no rule takes; the connection's own line in the log says so. */
  void unknown(PublishAttempt attempt) {
    events.accept(
        EventNote.info(EventType.PUBLISH_REFUSED, attempt.stream(), "publish refused")
            .with("protocol", attempt.protocol())
            .with("remote", attempt.source().getHostAddress())
            .with("reason", "no stream of this server is called so"));
  }
}
