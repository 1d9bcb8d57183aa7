package io.millrace.transport.srt;

import java.util.concurrent.CompletionStage;

/**
 * Decides who may publish and takes what is published. Every method is called on an event loop, of
 * which there are several, so an implementation is thread safe, and none of its methods may block.
 */
public interface SrtPublishHandler {
  /**
   * Says whether {@code request} may publish, and by which passphrase. Asked once a handshake,
   * before the passphrase is checked; what the caller repeats meanwhile is absorbed. The stage may
   * complete on any thread and has to within {@link SrtSettings#authDeadline()}. One that fails
   * refuses the caller.
   */
  CompletionStage<SrtDecision> authorize(SrtRequest request);

  /**
   * A publisher was accepted and its passphrase was right. Called on the publication's loop before
   * the caller is told so; the returned listener then gets everything it sends. An {@link
   * SrtRefusedException} thrown here refuses the caller after all, for example because the name was
   * taken in the meantime.
   */
  SrtPublicationListener opened(SrtPublication publication);

  /**
   * A handshake that passed the cookie was refused, or a connection has ended. Called once each,
   * for a connection after {@link SrtPublicationListener#onEnd}.
   */
  void sessionEnded(SrtSessionSummary summary);
}
