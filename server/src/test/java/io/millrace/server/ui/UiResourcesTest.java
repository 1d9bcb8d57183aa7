package io.millrace.server.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages hold together and ask nothing that a strict Content-Security-Policy would refuse. */
class UiResourcesTest {
  private static final String ROOT = "/io/millrace/server/ui/";
  private static final String HLS_JS_1_7_4_SHA256 =
      "cfc70cc9e9fc63d071919e087670abc760c8fd1bc889b88588026e4d22193bbe";

  @ParameterizedTest
  @ValueSource(strings = {"watch.html", "index.html"})
  void everythingAPageRefersToIsServed(String page) throws IOException {
    List<String> references = all("(?:src|href)=\"(/ui/[^\"]+)\"", text(page));
    assertThat(references).hasSizeGreaterThanOrEqualTo(3);
    for (String reference : references) {
      assertThat(bytes(reference.substring("/ui/".length()))).as(reference).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"watch.html", "index.html"})
  void nothingIsInlineAndNothingComesFromElsewhere(String page) throws IOException {
    assertThat(text(page))
        .doesNotContain("<style")
        .doesNotContain(" style=")
        .doesNotContainPattern("\\son[a-z]+=")
        .doesNotContainPattern("<script(?![^>]*src=\"/ui/)")
        .doesNotContainPattern("(?:src|href)=\"(?:https?:)?//");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "watch.js",
        "index.js",
        "session.js",
        "player.js",
        "menu.js",
        "captions.js",
        "publish.js",
        "probe.js"
      })
  void everyImportIsThere(String module) throws IOException {
    String script = text(module);
    for (String imported : all("from \"\\./([^\"]+)\"", script)) {
      assertThat(bytes(imported)).as(imported).isNotEmpty();
    }
    assertThat(script).doesNotContain("innerHTML").doesNotContain("eval(");
  }

  @ParameterizedTest
  @ValueSource(strings = {"watch", "index"})
  void everyElementThatAScriptLooksUpIsInItsPage(String name) throws IOException {
    String page = text(name + ".html");
    for (String id : all("\\$\\(\"([a-z-]+)\"\\)", text(name + ".js"))) {
      if (!id.equals("publish-title")) { // made by publish.js
        assertThat(page).contains("id=\"" + id + "\"");
      }
    }
  }

  @Test
  void playerLibraryIsTheReleaseByteForByte() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes("vendor/hls.min.js"));
    assertThat(HexFormat.of().formatHex(digest)).isEqualTo(HLS_JS_1_7_4_SHA256);
    assertThat(text("vendor/hls.js-LICENSE.txt")).contains("Apache License");
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult r) -> r.group(1))
        .toList();
  }

  private static String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = UiResourcesTest.class.getResourceAsStream(ROOT + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
