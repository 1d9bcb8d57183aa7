package io.millrace.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.edge.ObjectKey.MalformedException;
import io.millrace.server.origin.DirectivesCheck;
import io.millrace.transport.http.RequestTarget;
import io.millrace.transport.http.RequestTarget.MalformedTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: what stands behind a playlist's name, in the first line, and what the client
 * accepts, in the second. However it is written, origin and edge read it, and the edge's name for
 * the object asks the origin for the same object again.
 */
public final class QueryFuzz {
  private static final List<String> FILES =
      List.of(
          "/live/a/master.m3u8", "/live/a/v/media.m3u8", "/live/a/manifest.mpd", "/live/a/keys");

  /** Nothing is ever run on it, so it has no thread. */
  private static final ScheduledExecutorService IDLE = Executors.newSingleThreadScheduledExecutor();

  private QueryFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    String text = new String(Arrays.copyOfRange(data, 1, data.length), StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\n');
    String accepted = end < 0 ? null : text.substring(end + 1);
    String file = FILES.get((data[0] & 0xff) % FILES.size());
    String raw = file + "?" + (end < 0 ? text : text.substring(0, end));
    RequestTarget target;
    try {
      target = RequestTarget.parse(raw);
    } catch (MalformedTargetException e) {
      return;
    }
    DirectivesCheck.check(target.query(), accepted);
    try {
      ObjectKey key = key(raw, accepted);
      String again = key.target();
      assertThat(again).startsWith(file);
      assertThat(key(again, accepted)).isEqualTo(key);
    } catch (MalformedException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static ObjectKey key(String raw, @Nullable String accepted) throws MalformedException {
    FakeExchange exchange = new FakeExchange(IDLE, raw);
    return ObjectKey.of(accepted == null ? exchange : exchange.with("accept-encoding", accepted));
  }

  /** What players ask for. */
  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String text :
        List.of(
            "_HLS_msn=17&_HLS_part=3&_HLS_skip=YES\nbr, gzip;q=0.5",
            "_HLS_part=3",
            "_HLS_msn=99999999999999999999",
            "_HLS_start_offset=-30.5&token=abc",
            "codec=avc&start=1&end=2\ngzip;q=0",
            "kid=3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "betaCodecSuggestion=av1&CMCD=br%3D1\nx-gzip")) {
      for (int file = 0; file < FILES.size(); file++) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] seed = new byte[1 + bytes.length];
        seed[0] = (byte) file;
        System.arraycopy(bytes, 0, seed, 1, bytes.length);
        seeds.add(seed);
      }
    }
    return seeds;
  }
}
