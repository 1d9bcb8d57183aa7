package io.millrace.transport.srt;

import io.millrace.transport.PublisherLimiter;
import io.millrace.transport.srt.wire.Handshake;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A conclusion that passed the cookie and its checks, from then on until its connection ends or its
 * refusal is forgotten. Confined to the loop of the {@link Door} that it came to.
 */
final class Arrival {
  /** Which caller repeats itself: its address and socket id. */
  record Caller(InetSocketAddress address, int socketId) {}

  final Caller caller;
  final Negotiation wish;
  final SrtRequest request;
  final PublisherLimiter.Lease lease;

  /** When the peer's timestamps were zero, on our clock. */
  final long peerStartUs;

  private @Nullable Handshake answer;
  private long startUs;

  Arrival(
      Caller caller,
      Negotiation wish,
      SrtRequest request,
      PublisherLimiter.Lease lease,
      long peerStartUs) {
    this.caller = caller;
    this.wish = wish;
    this.request = request;
    this.lease = lease;
    this.peerStartUs = peerStartUs;
  }

  /** What a repeated conclusion is answered with, or null while that is not decided. */
  @Nullable Handshake answer() {
    return answer;
  }

  /**
   * The first answer stays.
   *
   * @param startUs from which its timestamps count
   */
  boolean decide(Handshake decided, long startUs) {
    if (answer != null) {
      return false;
    }
    answer = decided;
    this.startUs = startUs;
    return true;
  }

  /** Of an answer that is sent now. */
  int timestampUs(long nowUs) {
    return (int) (nowUs - startUs);
  }
}
