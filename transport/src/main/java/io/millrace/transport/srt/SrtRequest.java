package io.millrace.transport.srt;

import io.millrace.media.StreamKey;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * A caller's wish to publish.
 *
 * @param sessionId of the connection to be, unique while this process lives
 * @param streamId holds the publisher's secret, which {@link #toString} leaves out
 * @param remote the caller's address, which it has proved by a cookie
 * @param encrypted whether the caller has a passphrase; whether it is the right one is checked
 *     after the decision
 * @param version of the caller's SRT, such as 1.5.1
 */
public record SrtRequest(
    String sessionId,
    StreamId streamId,
    InetSocketAddress remote,
    boolean encrypted,
    String version) {
  public StreamKey stream() {
    return streamId.stream();
  }

  /** Parameters as of an RTMP publisher: the stream key is {@code key}. */
  public Map<String, String> query() {
    return streamId.query();
  }
}
