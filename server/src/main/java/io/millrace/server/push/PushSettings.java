package io.millrace.server.push;

import io.millrace.media.StreamKey;
import io.millrace.server.config.PushTarget;
import io.millrace.server.event.EventSink;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all pushes have in common.
 *
 * @param connector opens connections
 * @param places who sends where
 * @param backOff a new one for each target
 * @param events is told what becomes of them
 * @param clockNs {@code System::nanoTime}
 * @param clock says since when something is so
 */
record PushSettings(
    Connector connector,
    Places places,
    Supplier<PushBackOff> backOff,
    EventSink events,
    LongSupplier clockNs,
    InstantSource clock) {

  /** Opens a connection and publishes. */
  @FunctionalInterface
  interface Connector {
    /**
     * Does not wait.
     *
     * @return completes on any thread; fails with what is wrong, and may hold the key
     */
    CompletionStage<PushLink> connect(PushTarget target);
  }

  /** Which stream is sent to which place, so that two do not throw each other out. Thread-safe. */
  interface Places {
    /** Gives the place to the stream; null, or the stream that has it. */
    @Nullable StreamKey take(PushTarget target, StreamKey stream);

    void leave(PushTarget target, StreamKey stream);
  }
}
