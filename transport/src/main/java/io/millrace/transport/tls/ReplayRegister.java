package io.millrace.transport.tls;

import java.util.concurrent.CompletionStage;

/**
 * Remembers which ClientHellos with early data have been seen (RFC 8446 §8.2, "ClientHello
 * recording"). One that is seen again gets no early data, and so is executed once at most.
 *
 * <p>Servers that open one another's tickets need one register between them: with a register each,
 * a recorded ClientHello would be executed once on each of them.
 */
public interface ReplayRegister {
  /** How long a ClientHello has to be remembered. */
  long KEPT_SECONDS = 120;

  /** What is known of a ClientHello. */
  enum Sighting {
    /** Not seen before, and noted: it may be executed. */
    FIRST,
    /** Seen before. */
    REPEATED,
    /** It may have been: no room, no memory that reaches back far enough, or no answer. */
    UNKNOWN
  }

  /**
   * Notes a ClientHello and says whether it was there. Atomic: of any number of calls with the same
   * binder, anywhere, one is told {@code FIRST}.
   *
   * <p>A register on another machine answers later. The caller waits for a moment and then takes no
   * answer, or a failure, for {@link Sighting#UNKNOWN}.
   *
   * @param binder of its first pre-shared key; borrowed for the time of the call
   */
  CompletionStage<Sighting> record(byte[] binder);
}
