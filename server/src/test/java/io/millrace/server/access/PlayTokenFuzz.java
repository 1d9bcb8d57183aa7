package io.millrace.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.access.PlayToken.Verdict;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Fuzz target: a token as a stranger writes it, and as one with a key would whose body is a
 * stranger's. The first byte says which.
 *
 * <p>A text is valid only if it is what signing gives; whatever comes, a verdict is given, and
 * nothing thrown.
 */
public final class PlayTokenFuzz {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
  private static final PlayKey KEY = new PlayKey(0x4142, new byte[32]);
  private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();

  private PlayTokenFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    if ((data[0] & 1) == 0) {
      String text = new String(rest, StandardCharsets.ISO_8859_1);
      Verdict verdict = check(text, "live/show");
      assertThat(verdict).isIn(Verdict.MALFORMED, Verdict.BAD_SIGNATURE);
      return;
    }
    String path = new String(rest, StandardCharsets.UTF_8);
    String token;
    try {
      token = PlayToken.sign(KEY, path, NOW.plusSeconds(data[0]), data[0] < 0 ? ADDRESS : null);
    } catch (IllegalArgumentException e) {
      return; // not a path
    }
    String stream = path.endsWith("/") ? path + "x" : path;
    assertThat(check(token, stream)).isEqualTo(data[0] > 0 ? Verdict.VALID : Verdict.EXPIRED);
    assertThat(check(token, "x" + path)).isNotEqualTo(Verdict.VALID);
    byte[] changed = Base64.getUrlDecoder().decode(token);
    changed[(data[0] & 0xff) % changed.length] ^= 1;
    String other = Base64.getUrlEncoder().withoutPadding().encodeToString(changed);
    assertThat(check(other, stream)).isIn(Verdict.MALFORMED, Verdict.BAD_SIGNATURE);
  }

  private static Verdict check(String token, String stream) {
    return PlayToken.check(token, stream, ADDRESS, NOW, List.of(KEY));
  }

  /** What strangers may begin with. */
  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    PlayKey stranger = new PlayKey(0x4142, "0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
    for (InetAddress address : Arrays.asList(ADDRESS, null)) {
      String token = PlayToken.sign(stranger, "live/show", NOW.plusSeconds(60), address);
      seeds.add(with(0, token));
    }
    for (String text : List.of("", "AQ", "AQAAAAAAAAAA", "live/show")) {
      seeds.add(with(0, text));
    }
    for (String path : List.of("live/show", "live/", "a/\u00fc", "/", "a/b/c")) {
      seeds.add(with(1, path));
      seeds.add(with(0x81, path));
    }
    return seeds;
  }

  private static byte[] with(int first, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] seed = new byte[1 + bytes.length];
    seed[0] = (byte) first;
    System.arraycopy(bytes, 0, seed, 1, bytes.length);
    return seed;
  }
}
