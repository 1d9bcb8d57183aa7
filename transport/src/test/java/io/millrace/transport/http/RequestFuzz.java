package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.RequestTarget.MalformedTargetException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Fuzz target: a request's target in the first line, and fields in those behind it. A path that is
 * taken cannot lead out of anywhere, and is the same again when it is encoded and read once more; a
 * reply has the bytes that it says it has.
 */
public final class RequestFuzz {
  private static final int BODY_BYTES = 1_000;
  private static final byte[] BODY = new byte[BODY_BYTES];
  private static final Instant MODIFIED = Instant.ofEpochSecond(1_800_000_000L);
  private static final Representation REPRESENTATION =
      new Representation(
          "video/mp4",
          ReplyBody.of(List.of(BODY)),
          "\"3f-a\"",
          MODIFIED,
          List.of(new Header("cache-control", "max-age=1")),
          true);

  private RequestFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    List<String> lines = new String(data, StandardCharsets.ISO_8859_1).lines().toList();
    if (lines.isEmpty()) {
      return;
    }
    try {
      check(RequestTarget.parse(lines.getFirst()));
    } catch (MalformedTargetException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    Map<String, String> fields = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    check(REPRESENTATION.reply("GET", fields::get), fields.get("range"));
  }

  private static void check(RequestTarget target) {
    String path = target.path();
    assertThat(path).startsWith("/").doesNotContain("//", "\\");
    for (String segment : path.substring(1).split("/", -1)) {
      assertThat(segment).isNotIn(".", "..");
    }
    assertThat(path.chars()).noneMatch(c -> c < 0x20 || c == 0x7f);
    assertThat(target.query().values().values().stream().mapToInt(List::size).sum())
        .isLessThanOrEqualTo(RequestTarget.MAX_PARAMETERS);
    if (path.equals("/*")) {
      return; // the asterisk-form
    }
    StringBuilder encoded = new StringBuilder();
    for (String segment : path.substring(1).split("/", -1)) {
      encoded
          .append('/')
          .append(URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    try {
      assertThat(RequestTarget.parse(encoded.toString()).path()).isEqualTo(path);
    } catch (MalformedTargetException e) {
      throw new AssertionError("not read again: " + encoded, e);
    }
  }

  private static void check(HttpReply reply, String range) {
    assertThat(reply.status()).isIn(200, 206, 304, 412, 416);
    if (reply.status() == 200) {
      assertThat(reply.body().sizeBytes()).isEqualTo(BODY_BYTES);
    }
    if (reply.status() == 206) {
      assertThat(range).isNotNull();
      String said =
          reply.headers().stream()
              .filter(header -> header.name().equals("content-range"))
              .map(Header::value)
              .findFirst()
              .orElseThrow();
      assertThat(said).matches("bytes \\d{1,3}-\\d{1,3}/1000");
      String[] ends = said.substring("bytes ".length(), said.indexOf('/')).split("-", 2);
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[1]);
      assertThat(first).isLessThanOrEqualTo(last);
      assertThat(reply.body().sizeBytes()).isEqualTo(last - first + 1);
    }
  }

  /** What players send, and what others have tried. */
  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String text :
        List.of(
            "/live/show/master.m3u8",
            "/live/caf%C3%A9/x?a=b+c%26&d&a=e",
            "//live///x/",
            "http://example.org:8080/live/x?q=1",
            "https://example.org?q",
            "*",
            "/live/%2e%2e/x",
            "/live/a%2fb",
            "/live/..\\x",
            "/live/%c0%af",
            "/live#x",
            "/a?%zz",
            "/x\nRange: bytes=0-99",
            "/x\nRange: bytes=900-\nIf-Range: \"3f-a\"",
            "/x\nRange: bytes=-10\nIf-Range: Fri, 15 Jan 2027 08:00:00 GMT",
            "/x\nRange: bytes=0-0,5-9",
            "/x\nRange: bytes=1000-",
            "/x\nRange: bytes=99999999999999999999-1",
            "/x\nIf-None-Match: W/\"3f-a\", \"x\"",
            "/x\nIf-Match: *",
            "/x\nIf-Modified-Since: Fri, 15 Jan 2027 08:00:00 GMT")) {
      seeds.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    return seeds;
  }
}
