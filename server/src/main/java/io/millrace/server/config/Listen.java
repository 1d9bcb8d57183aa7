package io.millrace.server.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where each service listens; null where it is {@code off}.
 *
 * @param http3 whether HTTP/3 is spoken on the UDP port of {@code https}
 */
public record Listen(
    @Nullable Endpoint rtmp,
    @Nullable Endpoint rtmps,
    @Nullable Endpoint srt,
    @Nullable Endpoint https,
    boolean http3,
    @Nullable Endpoint http,
    @Nullable Endpoint admin) {

  /**
   * Those on TCP that are on, by their key ({@code listen.rtmp}), in the order of the
   * documentation.
   */
  public Map<String, Endpoint> enabled() {
    Map<String, Endpoint> enabled = new LinkedHashMap<>();
    put(enabled, "listen.rtmp", rtmp);
    put(enabled, "listen.rtmps", rtmps);
    put(enabled, "listen.https", https);
    put(enabled, "listen.http", http);
    put(enabled, "listen.admin", admin);
    return enabled;
  }

  private static void put(Map<String, Endpoint> map, String key, @Nullable Endpoint endpoint) {
    if (endpoint != null) {
      map.put(key, endpoint);
    }
  }
}
