package io.millrace.server.push;

import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.RtmpCapabilities;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** One publication at a server, as {@link RtmpPublisher} has it. */
interface PushLink {
  /** Takes {@code body}; false where it was dropped. */
  boolean video(long timestampMs, ByteBuf body);

  /** Takes {@code body}; false where it was dropped. */
  boolean audio(long timestampMs, ByteBuf body);

  boolean metadata(Map<String, Object> metadata);

  RtmpCapabilities serverCapabilities();

  /** Bytes that wait for the socket. */
  long pendingBytes();

  CompletionStage<EndReason> ended();

  CompletionStage<EndReason> unpublish();

  CompletionStage<EndReason> abort();

  static PushLink of(RtmpPublisher publisher) {
    return new PushLink() {
      @Override
      public boolean video(long timestampMs, ByteBuf body) {
        return publisher.video(timestampMs, body);
      }

      @Override
      public boolean audio(long timestampMs, ByteBuf body) {
        return publisher.audio(timestampMs, body);
      }

      @Override
      public boolean metadata(Map<String, Object> metadata) {
        return publisher.metadata(metadata);
      }

      @Override
      public RtmpCapabilities serverCapabilities() {
        return publisher.serverCapabilities();
      }

      @Override
      public long pendingBytes() {
        return publisher.pendingBytes();
      }

      @Override
      public CompletionStage<EndReason> ended() {
        return publisher.ended();
      }

      @Override
      public CompletionStage<EndReason> unpublish() {
        return publisher.unpublish();
      }

      @Override
      public CompletionStage<EndReason> abort() {
        return publisher.abort();
      }
    };
  }
}
