package io.millrace.server.ingest;

import io.millrace.transport.srt.SrtCallerSettings;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where to call, and what to say there.
 *
 * @param address not resolved
 */
record SrtPullUrl(InetSocketAddress address, SrtCallerSettings settings) {
  private static final Set<String> KNOWN =
      Set.of("streamid", "passphrase", "pbkeylen", "latency", "mode");
  private static final int MAX_LATENCY_MS = 30_000;

  static SrtPullUrl parse(URI url) {
    String query = url.getRawQuery();
    Map<String, List<String>> parameters =
        new QueryStringDecoder(query == null ? "" : query, false).parameters();
    for (String name : parameters.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException("unknown parameter " + name);
      }
    }
    if (!first(parameters, "mode", "caller").equals("caller")) {
      throw new IllegalArgumentException("mode other than caller");
    }
    String passphrase = first(parameters, "passphrase", "");
    SrtCallerSettings settings =
        SrtCallerSettings.of(
            first(parameters, "streamid", ""), passphrase.isEmpty() ? null : passphrase);
    if (parameters.containsKey("pbkeylen")) {
      settings = settings.withKeyBytes(number(parameters, "pbkeylen", 32));
    }
    if (parameters.containsKey("latency")) {
      int latencyMs = number(parameters, "latency", MAX_LATENCY_MS);
      settings = settings.withTimes(Duration.ofMillis(latencyMs), settings.connectDeadline());
    }
    return new SrtPullUrl(
        InetSocketAddress.createUnresolved(url.getHost(), url.getPort()), settings);
  }

  /** Host and port, without secrets. */
  String place() {
    return address.getHostString() + ":" + address.getPort();
  }

  private static String first(Map<String, List<String>> parameters, String name, String otherwise) {
    List<String> values = parameters.get(name);
    return values == null || values.isEmpty() ? otherwise : values.getFirst();
  }

  private static int number(Map<String, List<String>> parameters, String name, int max) {
    String text = first(parameters, name, "");
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > max) {
      throw new IllegalArgumentException(name + " is not a number up to " + max);
    }
    return Integer.parseInt(text);
  }
}
