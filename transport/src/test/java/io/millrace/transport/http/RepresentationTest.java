package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepresentationTest {
  private static final Instant MODIFIED = Instant.parse("2026-11-21T10:00:00.700Z");
  private static final String SECOND = "Sat, 21 Nov 2026 10:00:00 GMT";
  private static final String LATER = "Sat, 21 Nov 2026 10:00:01 GMT";
  private static final String EARLIER = "Sat, 21 Nov 2026 09:59:59 GMT";

  private final Representation media = representation("\"e1\"", MODIFIED);

  private static Representation representation(String etag, Instant modified) {
    List<byte[]> arrays = List.of(ascii("0123"), ascii(""), ascii("45"), ascii("6789"));
    return new Representation(
        "video/mp4",
        ReplyBody.of(arrays),
        etag,
        modified,
        List.of(new HttpReply.Header("cache-control", "public, max-age=31536000, immutable")),
        true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-                | 200 | 0123456789 | -",
        "bytes=0-0        | 206 | 0          | bytes 0-0/10",
        "bytes=2-6        | 206 | 23456      | bytes 2-6/10",
        "bytes=3-         | 206 | 3456789    | bytes 3-9/10",
        "bytes=9-         | 206 | 9          | bytes 9-9/10",
        "bytes=4-99       | 206 | 456789     | bytes 4-9/10",
        "bytes=0-99999999999999999999999 | 206 | 0123456789 | bytes 0-9/10",
        "bytes=-3         | 206 | 789        | bytes 7-9/10",
        "bytes=-99        | 206 | 0123456789 | bytes 0-9/10",
        "Bytes=1-1        | 206 | 1          | bytes 1-1/10",
        "bytes= 1-1       | 206 | 1          | bytes 1-1/10",
        "bytes=-0         | 416 | -          | bytes */10",
        "bytes=10-        | 416 | -          | bytes */10",
        "bytes=10-20      | 416 | -          | bytes */10",
        "bytes=5-2        | 200 | 0123456789 | -",
        "bytes=           | 200 | 0123456789 | -",
        "bytes=-          | 200 | 0123456789 | -",
        "bytes=a-b        | 200 | 0123456789 | -",
        "bytes=1-2x       | 200 | 0123456789 | -",
        "bytes=+1-2       | 200 | 0123456789 | -",
        "bytes=0-1,3-4    | 200 | 0123456789 | -",
        "lines=0-1        | 200 | 0123456789 | -",
      })
  void servesRanges(String range, int status, String content, String contentRange) {
    HttpReply reply = media.reply("GET", fields("range", range));
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.header("content-range")).isEqualTo(contentRange);
    if (content != null) {
      assertThat(text(reply.body())).isEqualTo(content);
      assertThat(reply.header("accept-ranges")).isEqualTo("bytes");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"e1\"   | 206",
        "\"e2\"   | 200",
        "W/\"e1\" | 200",
        SECOND + " | 206",
        LATER + " | 200",
        EARLIER + " | 200",
        "nonsense | 200",
      })
  void rangeNeedsTheSameRepresentation(String ifRange, int status) {
    RequestHeaders fields = fields("range", "bytes=0-1", "if-range", ifRange);
    assertThat(media.reply("GET", fields).status()).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "if-none-match       | \"e1\"                  | 304",
        "if-none-match       | W/\"e1\"                | 304",
        "if-none-match       | \"e0\", W/\"e,2\", \"e1\" | 304",
        "if-none-match       | *                       | 304",
        "if-none-match       | \"e2\"                  | 200",
        "if-none-match       | \"e1                    | 200",
        "if-none-match       | e1                      | 200",
        "if-none-match       | \"e11\"                 | 200",
        "if-none-match       | \"xe1\"                 | 200",
        "if-modified-since   | " + SECOND + "          | 304",
        "if-modified-since   | " + LATER + "           | 304",
        "if-modified-since   | Saturday, 21-Nov-26 10:00:00 GMT | 304",
        "if-modified-since   | " + EARLIER + "         | 200",
        "if-modified-since   | tomorrow                | 200",
        "if-match            | \"e1\"                  | 200",
        "if-match            | *                       | 200",
        "if-match            | W/\"e1\"                | 412",
        "if-match            | \"e2\"                  | 412",
        "if-unmodified-since | " + SECOND + "          | 200",
        "if-unmodified-since | " + EARLIER + "         | 412",
      })
  void evaluatesPreconditions(String name, String value, int status) {
    HttpReply reply = media.reply("GET", fields(name, value));
    assertThat(reply.status()).isEqualTo(status);
    if (status == 304) {
      assertThat(reply.body().sizeBytes()).isZero();
      assertThat(reply.header("etag")).isEqualTo("\"e1\"");
      assertThat(reply.header("cache-control")).contains("immutable");
      assertThat(reply.header("content-type")).isNull();
    }
  }

  /** Found by fuzzing: Netty's parser of dates throws for more than 64 characters. */
  @Test
  void aDateThatIsTooLongIsIgnored() {
    String date = "x".repeat(65);
    assertThat(media.reply("GET", fields("if-modified-since", date)).status()).isEqualTo(200);
    assertThat(media.reply("GET", fields("if-unmodified-since", date)).status()).isEqualTo(200);
    assertThat(media.reply("GET", fields("range", "bytes=0-0", "if-range", date)).status())
        .isEqualTo(200);
  }

  @Test
  void entityTagOutranksDate() {
    RequestHeaders fields = fields("if-none-match", "\"e2\"", "if-modified-since", LATER);
    assertThat(media.reply("GET", fields).status()).isEqualTo(200);
  }

  @Test
  void preconditionOutranksRange() {
    RequestHeaders fields = fields("if-none-match", "\"e1\"", "range", "bytes=0-1");
    assertThat(media.reply("GET", fields).status()).isEqualTo(304);
  }

  @Test
  void weakTagNeverSelectsARange() {
    RequestHeaders fields = fields("range", "bytes=0-1", "if-range", "W/\"e1\"");
    assertThat(representation("W/\"e1\"", MODIFIED).reply("GET", fields).status()).isEqualTo(200);
  }

  @Test
  void headIgnoresRange() {
    HttpReply reply = media.reply("HEAD", fields("range", "bytes=0-1"));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().sizeBytes()).isEqualTo(10);
  }

  @Test
  void unsatisfiableReplyIsNotCacheable() {
    HttpReply reply = media.reply("GET", fields("range", "bytes=10-"));
    assertThat(reply.headers().stream().filter(h -> h.name().equals("cache-control")))
        .extracting(HttpReply.Header::value)
        .containsExactly("no-store");
  }

  @Test
  void rangeSharesTheArrays() {
    HttpReply reply = media.reply("GET", fields("range", "bytes=2-6"));
    ReplyBody.Bytes whole = (ReplyBody.Bytes) media.body();
    ReplyBody.Bytes part = (ReplyBody.Bytes) reply.body();
    assertThat(part.arrays().getFirst()).isSameAs(whole.arrays().getFirst());
  }

  static String text(ReplyBody body) {
    BodyCursor cursor = new BodyCursor(body);
    StringBuilder text = new StringBuilder();
    while (cursor.hasNext()) {
      var slice = cursor.next(3);
      text.append(slice.toString(StandardCharsets.US_ASCII));
      slice.release();
    }
    return text.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static RequestHeaders fields(String... pairs) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i + 1] != null) {
        fields.put(pairs[i], pairs[i + 1].strip());
      }
    }
    return fields::get;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-                | 200 | -",
        "bytes=0-         | 200 | -",
        "bytes=2-         | 200 | -",
        "bytes=-3         | 200 | -",
        "bytes=2-6        | 200 | -",
        "bytes=6-7        | 200 | -",
        "bytes=5-99999999999999999999999 | 200 | -",
        "bytes=1-4        | 206 | bytes 1-4/*",
        "bytes=0-5        | 206 | bytes 0-5/*",
      })
  void ofGrowingContentOnlyRangesAreCutThatAreThere(String range, int status, String contentRange) {
    GrowingSource source = new GrowingSource();
    source.add("0123");
    source.add("45");
    HttpReply reply =
        new Representation(
                "video/mp4", new ReplyBody.Growing(source.content), "\"e1\"", null, List.of(), true)
            .reply("GET", fields("range", range));
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.header("content-range")).isEqualTo(contentRange);
    if (status == 200) {
      assertThat(reply.body()).isInstanceOf(ReplyBody.Growing.class);
    } else {
      assertThat(reply.body().sizeBytes()).isEqualTo(range.equals("bytes=1-4") ? 4 : 6);
    }
  }
}
