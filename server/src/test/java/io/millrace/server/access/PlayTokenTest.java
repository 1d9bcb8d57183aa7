package io.millrace.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.access.PlayToken.Verdict;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlayTokenTest {
  private static final Instant NOW = Instant.parse("2026-11-28T20:00:00Z");
  private static final PlayKey KEY =
      new PlayKey(7, "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
  private static final PlayKey OTHER = PlayKey.generate(new SecureRandom());
  private static final InetAddress FOUR = address("192.0.2.7");
  private static final InetAddress SIX = address("2001:db8:1:2:3::4");

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Verdict check(String token, String stream) {
    return PlayToken.check(token, stream, FOUR, NOW, List.of(OTHER, KEY));
  }

  private static String sign(String path) {
    return PlayToken.sign(KEY, path, NOW.plusSeconds(1), null);
  }

  @ParameterizedTest
  @CsvSource({
    "live/show,  live/show,   VALID",
    "live/show,  live/shows,  OTHER_PATH",
    "live/show,  live/sho,    OTHER_PATH",
    "live/shöw,  live/shöw,   VALID",
    "live/shöw,  live/shöwe,  OTHER_PATH",
    "live/show,  live/shöw,   OTHER_PATH",
    "live/,      live/show,   VALID",
    "live/,      live/shöw,   VALID",
    "live/,      other/show,  OTHER_PATH",
    "live/,      live,        OTHER_PATH",
  })
  void isForAStreamOrAnApp(String path, String stream, Verdict verdict) {
    assertThat(check(sign(path), stream)).isEqualTo(verdict);
  }

  @Test
  void expiresToTheSecond() {
    String token = sign("live/show");
    assertThat(PlayToken.check(token, "live/show", FOUR, NOW.plusSeconds(1), List.of(KEY)))
        .isEqualTo(Verdict.EXPIRED);
    assertThat(PlayToken.check(token, "live/show", FOUR, NOW.plusMillis(999), List.of(KEY)))
        .isEqualTo(Verdict.VALID);
  }

  @Test
  void mayBeForOneAddress() {
    List<PlayKey> keys = List.of(KEY);
    String four = PlayToken.sign(KEY, "live/show", NOW.plusSeconds(9), FOUR);
    assertThat(PlayToken.check(four, "live/show", FOUR, NOW, keys)).isEqualTo(Verdict.VALID);
    assertThat(PlayToken.check(four, "live/show", address("192.0.2.8"), NOW, keys))
        .isEqualTo(Verdict.OTHER_ADDRESS);
    assertThat(PlayToken.check(four, "live/show", SIX, NOW, keys)).isEqualTo(Verdict.OTHER_ADDRESS);
    String six = PlayToken.sign(KEY, "live/show", NOW.plusSeconds(9), SIX);
    assertThat(PlayToken.check(six, "live/show", address("2001:db8:1:2:ffff::1"), NOW, keys))
        .isEqualTo(Verdict.VALID);
    assertThat(PlayToken.check(six, "live/show", address("2001:db8:1:3::4"), NOW, keys))
        .isEqualTo(Verdict.OTHER_ADDRESS);
    assertThat(PlayToken.check(six, "live/show", FOUR, NOW, keys)).isEqualTo(Verdict.OTHER_ADDRESS);
  }

  @Test
  void everyBitIsSigned() {
    byte[] token = Base64.getUrlDecoder().decode(sign("live/show"));
    for (int bit = 0; bit < 8 * token.length; bit++) {
      byte[] changed = token.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
      assertThat(check(text, "live/show")).isIn(Verdict.MALFORMED, Verdict.BAD_SIGNATURE);
    }
  }

  @Test
  void anotherKeysTokenIsWorthNothing() {
    PlayKey sameNumber = new PlayKey(7, new byte[32]);
    String token = PlayToken.sign(sameNumber, "live/show", NOW.plusSeconds(9), null);
    assertThat(check(token, "live/show")).isEqualTo(Verdict.BAD_SIGNATURE);
    assertThat(PlayToken.check(sign("live/show"), "live/show", FOUR, NOW, List.of()))
        .isEqualTo(Verdict.BAD_SIGNATURE);
  }

  @Test
  void oneTextForEachTokenAndNothingBehindIt() {
    String token = sign("live/show12"); // 53 bytes: two characters carry bits that must be zero
    assertThat(check(token, "live/show12")).isEqualTo(Verdict.VALID);
    assertThat(check(token + "=", "live/show12")).isEqualTo(Verdict.MALFORMED);
    assertThat(check(token + "A", "live/show12")).isNotEqualTo(Verdict.VALID);
    char last = token.charAt(token.length() - 1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char next = alphabet.charAt(alphabet.indexOf(last) + 1);
    assertThat(check(token.substring(0, token.length() - 1) + next, "live/show12"))
        .isEqualTo(Verdict.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "AAAA", "é", "AQ", "....", "AQAAAAAAAAAA", "x"})
  void whatIsNoTokenIsSaidToBeNone(String text) {
    assertThat(check(text, "live/show")).isEqualTo(Verdict.MALFORMED);
    assertThat(check(text.repeat(500), "live/show")).isEqualTo(Verdict.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "live", "/x", "live/a/b"})
  void onlyPathsAreSigned(String path) {
    assertThatThrownBy(() -> sign(path)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keysComeFromAFileAndAreNeverPrinted(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("play.keys");
    Files.writeString(file, "# newest first\n" + OTHER.line() + "\n\n" + KEY.line() + "\n");
    List<PlayKey> keys = PlayKey.load(file);
    assertThat(keys).containsExactly(OTHER, KEY);
    assertThat(keys.toString()).doesNotContain(KEY.line().substring(2));
    Files.writeString(file, KEY.line() + "\nmysecret\n");
    assertThatThrownBy(() -> PlayKey.load(file))
        .hasMessageContaining("line 2 is not NUMBER:SECRET")
        .message()
        .doesNotContain("mysecret");
    Files.writeString(file, KEY.line() + "\n" + KEY.line());
    assertThatThrownBy(() -> PlayKey.load(file)).hasMessageContaining("line 2");
    Files.writeString(file, "");
    assertThatThrownBy(() -> PlayKey.load(file)).hasMessageContaining("0 keys");
  }
}
