package io.millrace.transport.srt;

import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletionStage;

/** A link as the server sees it. */
record ServerPublication(SrtLink link, SrtRequest request) implements SrtPublication {
  @Override
  public String sessionId() {
    return request.sessionId();
  }

  @Override
  public EventLoop eventLoop() {
    return link.eventLoop();
  }

  @Override
  public void close(String reason) {
    // Never at once: the caller may be in the middle of opened().
    link.eventLoop().execute(() -> link.close(EndReason.of(EndReason.Kind.CLOSED_LOCALLY, reason)));
  }

  @Override
  public CompletionStage<SrtStatistics> statistics() {
    return link.statistics();
  }
}
