package io.millrace.transport.srt;

import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletionStage;

/** One accepted publisher, seen from the server. Methods may be called from any thread. */
public interface SrtPublication {
  /** The connection's id, as in {@link SrtRequest#sessionId()}. */
  String sessionId();

  SrtRequest request();

  /** The loop on which {@link SrtPublicationListener} is called. */
  EventLoop eventLoop();

  /**
   * Disconnects the publisher. {@code onEnd} follows with {@link EndReason.Kind#CLOSED_LOCALLY}.
   *
   * @param reason for the log
   */
  void close(String reason);

  /** Counters at this instant; the last ones once it has ended. */
  CompletionStage<SrtStatistics> statistics();
}
