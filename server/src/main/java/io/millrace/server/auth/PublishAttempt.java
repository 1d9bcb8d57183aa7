package io.millrace.server.auth;

import io.millrace.media.StreamKey;
import java.net.InetAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's wish to publish, whatever the protocol.
 *
 * @param parameters behind the name or in the stream id; {@code key} is the publisher's secret
 * @param protocol {@code rtmp}, {@code rtmps}, {@code srt}; {@code obs} for OBS's question what to
 *     send
 * @param session as in the log; may be empty
 * @param encoder what the client calls itself; may be empty
 */
public record PublishAttempt(
    StreamKey stream,
    Map<String, String> parameters,
    InetAddress source,
    String protocol,
    String session,
    String encoder) {
  /** The parameter that holds the secret. */
  public static final String KEY = "key";

  public PublishAttempt {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** What the publisher showed; null when nothing. */
  public @Nullable String key() {
    return parameters.get(KEY);
  }

  /** The others. They may be secrets as well. */
  Map<String, String> others() {
    Map<String, String> others = new LinkedHashMap<>(parameters);
    others.remove(KEY);
    return others;
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "PublishAttempt[%s, %s, %s]".formatted(stream, protocol, source);
  }
}
