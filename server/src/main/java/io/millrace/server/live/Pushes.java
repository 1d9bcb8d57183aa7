package io.millrace.server.live;

import io.millrace.media.StreamKey;
import io.millrace.media.TrackSink;
import io.millrace.server.config.PushTarget;
import io.netty.channel.EventLoop;
import java.util.List;

/**
 * The servers that one stream is sent on to. Confined to the stream's loop but where it says
 * otherwise; none of it waits.
 */
public interface Pushes {
  /** A stream that goes nowhere. */
  Factory NONE =
      (_, _, _) ->
          new Pushes() {
            @Override
            public void follow(List<PushTarget> targets) {}

            @Override
            public void close(String reason) {}

            @Override
            public List<PushStats> stats() {
              return List.of();
            }
          };

  /** Makes those of a new stream. */
  @FunctionalInterface
  interface Factory {
    Pushes create(StreamKey key, EventLoop loop, Feed feed);
  }

  /** What the stream has to send. On its loop, and not while it gives an event. */
  interface Feed {
    void subscribe(TrackSink sink);

    void unsubscribe(TrackSink sink);

    /** Gives the formats, and the open segment from its key frame to the present. */
    void replay(TrackSink sink);
  }

  /** Sends the stream to those targets and no others; the same as before notice nothing. */
  void follow(List<PushTarget> targets);

  /** Unpublishes everywhere, for good. */
  void close(String reason);

  /** How they are, in the order of the configuration. Any thread. */
  List<PushStats> stats();
}
