package io.millrace.transport.rtmp;

import java.util.concurrent.CompletionStage;

/**
 * Decides who may publish and takes what is published. Every method is called on the event loop of
 * the connection it is about; connections have different loops, so an implementation is thread
 * safe, and none of its methods may block.
 */
public interface RtmpPublishHandler {
  /**
   * Says whether {@code request} may publish. Nothing more is read from the connection until the
   * stage completes, which may happen on any thread and has to happen within {@link
   * RtmpSettings#authDeadline()}. A stage that fails refuses the publisher.
   */
  CompletionStage<PublishDecision> authorize(PublishRequest request);

  /**
   * A publisher was accepted. Called before the publisher is told so; the returned listener then
   * gets everything it sends. A {@link PublishRefusedException} thrown here refuses the publisher
   * after all, for example because the name was taken in the meantime.
   */
  RtmpPublicationListener opened(RtmpPublication publication);

  /**
   * A connection has ended, one that never published as well. Called exactly once a connection,
   * after {@link RtmpPublicationListener#onEnd} of its publication.
   */
  void sessionEnded(RtmpSessionSummary summary);
}
