package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.wire.Printable;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * A server's wish that a publisher go on over another connection (Enhanced RTMP v2, "Reconnect
 * Request"). The server takes what comes on the old one until it is closed, so the publisher goes
 * on there up to a key frame of its choice.
 *
 * @param target where to; the same as before unless the server has said otherwise
 * @param description for a person, printable, may be empty
 */
public record ReconnectRequest(RtmpTarget target, String description) {
  private static final int SHOWN_LENGTH = 200;

  /**
   * Reads a request.
   *
   * @param current the target of the connection it came on
   * @param tcUrl absolute, or relative to the current one (RFC 3986 §5); empty for the current one.
   *     What is no URL of RTMP, or would send a stream key from TLS into the clear, is not followed
   */
  static ReconnectRequest of(RtmpTarget current, String tcUrl, String description) {
    return new ReconnectRequest(resolve(current, tcUrl), Printable.of(description, SHOWN_LENGTH));
  }

  private static RtmpTarget resolve(RtmpTarget current, String tcUrl) {
    if (tcUrl.isEmpty()) {
      return current;
    }
    try {
      URI uri = new URI(current.tcUrl()).resolve(new URI(tcUrl));
      if (uri.getRawPath() == null || uri.getRawQuery() != null) {
        return current;
      }
      String path = uri.toString();
      RtmpTarget target =
          RtmpTarget.parse((path.endsWith("/") ? path : path + "/") + current.name());
      return current.secure() && !target.secure() ? current : target;
    } catch (URISyntaxException | IllegalArgumentException e) {
      return current;
    }
  }
}
