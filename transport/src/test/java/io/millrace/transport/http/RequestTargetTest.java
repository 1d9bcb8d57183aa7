package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.http.RequestTarget.MalformedTargetException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/live/studio/master.m3u8, /live/studio/master.m3u8",
    "/live/caf%C3%A9/x, /live/café/x",
    "/live/a%20b, /live/a b",
    "/live/a+b, /live/a+b",
    "//live///x, /live/x",
    "/live/x/, /live/x/",
    "/live/...., /live/....",
    "/live/.hidden, /live/.hidden",
    "/a%2525b, /a%25b",
    "http://example.org/live/x?q=1, /live/x",
    "HTTPS://example.org:8443, /",
    "http://example.org?q=1, /",
    "*, /*",
  })
  void decodesOnce(String raw, String path) throws Exception {
    assertThat(RequestTarget.parse(raw).path()).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../etc/passwd",
        "/live/../../etc/passwd",
        "/live/..",
        "/live/./x",
        "/.",
        "/live/%2e%2e/%2e%2e/etc/passwd",
        "/live/%2E./x",
        "/live/.%2e",
        "/live/..%2f..%2fetc",
        "/live/a%2fb",
        "/live/a%5Cb",
        "/live/a\\b",
        "/live/..\\..\\x",
        "/live/%00",
        "/live/x%00.m3u8",
        "/live/%0d%0aSet-Cookie:x",
        "/live/%7f",
        "/live/%",
        "/live/%4",
        "/live/%zz",
        "/live/%c0%af",
        "/live/%c0%ae%c0%ae/x",
        "/live/%ff",
        "/live/%ed%a0%80",
        "/live/caf\u00e9",
        "/live/%\u0661\u0661",
        "/live#fragment",
        "/live?x=%",
        "/live?%00=x",
        "live/x",
        "",
        "ftp://example.org/x",
        "example.org:443",
      })
  void refusesWhatCouldEscape(String raw) {
    assertThatThrownBy(() -> RequestTarget.parse(raw)).isInstanceOf(MalformedTargetException.class);
  }

  @Test
  void readsParametersInOrder() throws Exception {
    QueryParameters query = RequestTarget.parse("/m?codec=av1&x=a+b%26&flag&codec=h264&&").query();
    assertThat(query.first("codec")).isEqualTo("av1");
    assertThat(query.values().get("codec")).containsExactly("av1", "h264");
    assertThat(query.first("x")).isEqualTo("a b&");
    assertThat(query.first("flag")).isEmpty();
    assertThat(query.first("absent")).isNull();
  }

  @Test
  void boundsTheNumberOfParameters() throws Exception {
    String fits = String.join("&", IntStream.range(0, 64).mapToObj(i -> "p" + i).toList());
    assertThat(RequestTarget.parse("/?" + fits).query().values()).hasSize(64);
    assertThatThrownBy(() -> RequestTarget.parse("/?" + fits + "&one=more"))
        .isInstanceOf(MalformedTargetException.class);
  }
}
