package io.millrace.transport.srt;

import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** A connection that we called for. Methods may be called from any thread. */
public interface SrtCall {
  InetSocketAddress remote();

  /** The loop on which the listener is called. */
  EventLoop eventLoop();

  /** Largest message, with MPEG-TS a multiple of 188 is sent. */
  int maxPayloadBytes();

  /**
   * Sends one message; takes it. One that cannot be sent any more, or for which there is no room,
   * is dropped and counted as {@code pktSndDrop}.
   *
   * @throws IllegalArgumentException when it is empty or longer than {@link #maxPayloadBytes}; it
   *     is released
   */
  void send(ByteBuf payload);

  /** Disconnects. {@code onEnd} follows with {@link EndReason.Kind#CLOSED_LOCALLY}. */
  void close(String reason);

  /** Counters at this instant; the last ones once it has ended. */
  CompletionStage<SrtStatistics> statistics();
}
