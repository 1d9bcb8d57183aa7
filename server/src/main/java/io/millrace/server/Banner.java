package io.millrace.server;

import io.millrace.server.cli.VersionText;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a person sees when the server is up: addresses, what to try, and the key, once. */
final class Banner {
  private Banner() {}

  /**
   * @param bound by service name
   * @param certificate how the certificate is known, for the person who meets a browser's warning
   * @param newKey the first-start key, only when it was made right now
   * @param demoStream path of the built-in stream, null without one
   */
  static void print(
      PrintStream out,
      Map<String, InetSocketAddress> bound,
      String certificate,
      @Nullable String newKey,
      @Nullable String demoStream) {
    StringBuilder text = new StringBuilder();
    text.append("Millrace ").append(VersionText.version()).append(" is up.\n\n");
    String name = demoStream == null ? "NAME" : demoStream.substring(demoStream.indexOf('/') + 1);
    line(text, "watch", url("https", bound.get("https"), "/watch/" + name));
    line(text, "", url("http", bound.get("http"), "/watch/" + name));
    line(text, "HLS", url("https", bound.get("https"), "/live/" + name + "/master.m3u8"));
    line(text, "DASH", url("https", bound.get("https"), "/live/" + name + "/manifest.mpd"));
    line(text, "publish", url("rtmp", bound.get("rtmp"), "/live/NAME"));
    line(text, "", url("rtmps", bound.get("rtmps"), "/live/NAME"));
    line(text, "", srt(bound.get("srt")));
    line(text, "admin", url("http", bound.get("admin"), "/"));
    text.append('\n');
    line(text, "certificate", certificate);
    if (newKey != null) {
      text.append('\n');
      line(text, "key", newKey);
      line(text, "", "(shown this once; publishers from other machines append ?key=KEY)");
    }
    String rtmp = url("rtmp", bound.get("rtmp"), "/live/studio");
    if (rtmp != null) {
      text.append("\nTry:  ffmpeg -re -i FILE -c:v libx264 -g 60 -c:a aac -f flv ")
          .append(rtmp)
          .append('\n');
      text.append("      OBS: Settings, Stream, Custom; server ")
          .append(url("rtmp", bound.get("rtmp"), "/live"))
          .append(", stream key studio\n");
      String watch = url("https", bound.get("https"), "/watch/studio");
      if (watch != null) {
        text.append("      then open ").append(watch).append('\n');
      }
    }
    text.append("\nCtrl-C stops.\n");
    out.print(text);
    out.flush();
  }

  private static void line(StringBuilder text, String label, @Nullable String value) {
    if (value != null) {
      text.append("  %-12s %s%n".formatted(label, value));
    }
  }

  /** By number: what calls over UDP tries one address of a name only. */
  private static @Nullable String srt(@Nullable InetSocketAddress address) {
    String url = url("srt", address, "?streamid=live/NAME");
    return url == null ? null : url.replace("localhost", "127.0.0.1");
  }

  private static @Nullable String url(
      String scheme, @Nullable InetSocketAddress address, String path) {
    if (address == null) {
      return null;
    }
    String host =
        address.getAddress().isAnyLocalAddress() || address.getAddress().isLoopbackAddress()
            ? "localhost"
            : address.getHostString();
    return "%s://%s:%d%s"
        .formatted(
            scheme, host.indexOf(':') >= 0 ? "[" + host + "]" : host, address.getPort(), path);
  }
}
