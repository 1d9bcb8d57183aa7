package io.millrace.server.config;

import io.millrace.media.StreamKey;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream is sent on to: {@code rtmp[s]://HOST[:PORT]/APP/NAME}. {@link #APP} and {@link
 * #NAME} in the app and the name stand for those of the stream.
 *
 * @param secure RTMPS
 * @param host a name or a numeric address, IPv6 without brackets
 * @param app the path but for its last part, as in the URL
 * @param key the last part of the path, with the query
 * @param trust what its certificate is checked by, where it is RTMPS
 * @param enhanced when media is sent that only Enhanced RTMP has headers for
 */
public record PushTarget(
    boolean secure,
    String host,
    int port,
    String app,
    PushKey key,
    Trust trust,
    Enhanced enhanced) {
  static final String APP = "{app}";
  static final String NAME = "{name}";
  static final int RTMP_PORT = 1935;
  static final int RTMPS_PORT = 443;

  /**
   * What a server in TLS is known by; with neither, the authorities of the Java platform.
   *
   * @param authorities PEM certificates of authorities; null: none
   * @param pins SHA-256 of certificates
   */
  public record Trust(@Nullable Path authorities, List<String> pins) {
    public Trust {
      pins = List.copyOf(pins);
    }
  }

  /** When HEVC, AV1, VP9 and Opus are sent. */
  public enum Enhanced {
    /** Where the server has said that it takes them. */
    AUTO,
    /** Whatever it says. */
    ALWAYS
  }

  /** The target of one stream. */
  public PushTarget at(StreamKey stream) {
    return new PushTarget(
        secure,
        host,
        port,
        filled(app, stream),
        new PushKey(filled(key.secret(), stream)),
        trust,
        enhanced);
  }

  private static String filled(String text, StreamKey stream) {
    return text.replace(APP, stream.app()).replace(NAME, stream.name());
  }

  /** Where it is, for people: all but the key. */
  public String place() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    boolean usual = port == (secure ? RTMPS_PORT : RTMP_PORT);
    return (secure ? "rtmps://" : "rtmp://") + name + (usual ? "" : ":" + port) + "/" + app;
  }

  @Override
  public String toString() {
    return place();
  }
}
