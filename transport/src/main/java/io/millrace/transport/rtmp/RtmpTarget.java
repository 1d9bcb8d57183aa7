package io.millrace.transport.rtmp;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a client publishes to: {@code rtmp[s]://HOST[:PORT]/APP/NAME[?QUERY]}.
 *
 * @param app everything in the path but its last part
 * @param name the last part with the query, which may be a secret: {@link #toString} leaves it out
 */
public record RtmpTarget(boolean secure, String host, int port, String app, String name) {
  private static final int RTMP_PORT = 1935;
  private static final int RTMPS_PORT = 443;

  /**
   * @throws IllegalArgumentException when {@code url} is not of that form; the message holds no
   *     query
   */
  public static RtmpTarget parse(String url) {
    int queryStart = url.indexOf('?');
    String bare = queryStart < 0 ? url : url.substring(0, queryStart);
    String query = queryStart < 0 ? "" : url.substring(queryStart);
    URI uri;
    try {
      uri = new URI(bare);
    } catch (URISyntaxException e) {
      throw notAnUrl(bare);
    }
    boolean secure = "rtmps".equalsIgnoreCase(uri.getScheme());
    if ((!secure && !"rtmp".equalsIgnoreCase(uri.getScheme()))
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getFragment() != null) {
      throw notAnUrl(bare);
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    int nameStart = path.lastIndexOf('/') + 1;
    if (nameStart < 2 || nameStart == path.length()) {
      throw notAnUrl(bare);
    }
    String host = uri.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = uri.getPort() > 0 ? uri.getPort() : secure ? RTMPS_PORT : RTMP_PORT;
    return new RtmpTarget(
        secure, host, port, path.substring(1, nameStart - 1), path.substring(nameStart) + query);
  }

  private static IllegalArgumentException notAnUrl(String bare) {
    return new IllegalArgumentException(
        "\"%s\" is not of the form rtmp[s]://HOST[:PORT]/APP/NAME".formatted(bare));
  }

  /** The tcUrl of {@code connect}: the URL without the name. */
  String tcUrl() {
    return "%s://%s/%s".formatted(secure ? "rtmps" : "rtmp", authority(), app);
  }

  private String authority() {
    return host.indexOf(':') >= 0 ? "[%s]:%d".formatted(host, port) : host + ":" + port;
  }

  @Override
  public String toString() {
    int query = name.indexOf('?');
    return tcUrl() + "/" + (query < 0 ? name : name.substring(0, query));
  }
}
