package io.millrace.transport.rtmp;

import io.millrace.media.StreamKey;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A publisher's wish to publish.
 *
 * @param sessionId of the connection, unique while this process lives
 * @param stream app and name, without any query; both are checked for length and characters
 * @param query percent-decoded parameters behind the name, the app or the tcUrl, the name's first;
 *     holds the publisher's secret, so {@link #toString} leaves the values out
 * @param remote the publisher's address
 * @param secure whether it came in TLS
 * @param encoder what the client calls itself, printable, empty when it says nothing
 */
public record PublishRequest(
    String sessionId,
    StreamKey stream,
    Map<String, String> query,
    InetSocketAddress remote,
    boolean secure,
    String encoder) {

  public PublishRequest {
    query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
  }

  @Override
  public String toString() {
    return "PublishRequest[session=%s, stream=%s, query=%s (values left out), remote=%s, secure=%s, encoder=%s]"
        .formatted(sessionId, stream, query.keySet(), remote, secure, encoder);
  }
}
