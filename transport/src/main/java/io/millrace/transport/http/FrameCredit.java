package io.millrace.transport.http;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * What one HTTP/2 client may send that asks for nothing: PING, SETTINGS, PRIORITY, WINDOW_UPDATE
 * and frames of unknown types cost it nothing and the server a little each (CVE-2019-9512, -9513,
 * -9515; RFC 9113 §10.5). Each takes one from its credit, and what is of use fills it up again:
 * requests, and content that it was sent, which it may acknowledge in as small pieces as {@link
 * #BYTES_EACH}. So it takes no clock, and a client that watches never notices. Confined to one
 * event loop.
 */
final class FrameCredit {
  static final int FULL = 1_000;

  /** Frames that come with a request: PRIORITY, a PING to see how far the server is. */
  static final int FOR_REQUEST = 8;

  /** Two frames, for the stream's window and the connection's. */
  static final int BYTES_EACH = 512;

  private int left = FULL;
  private int bytes;

  /**
   * Takes one frame.
   *
   * @throws Http2Exception when there is no credit left: ends the connection
   */
  void spend() throws Http2Exception {
    if (--left < 0) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "too many frames that ask for nothing");
    }
  }

  void request() {
    add(FOR_REQUEST);
  }

  /** Content is on its way to the client. */
  void content(int sizeBytes) {
    bytes += sizeBytes;
    add(2 * (bytes / BYTES_EACH));
    bytes %= BYTES_EACH;
  }

  private void add(int frames) {
    left = Math.min(FULL, left + frames);
  }
}
