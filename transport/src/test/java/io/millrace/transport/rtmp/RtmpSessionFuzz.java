package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: a publisher's connection. The first byte says how far it is when the rest comes
 * (nothing said, connected, publishing) and in what pieces.
 *
 * <p>Whatever comes is never our own error; what is held is within what a connection may hold
 * before and after its publish; what is answered is bounded; everything is released when it ends,
 * and it ends once ({@link SessionHarness#close}).
 */
public final class RtmpSessionFuzz {
  private static final int[] PIECES = {Integer.MAX_VALUE, 1, 7, 128, 1400};

  /** A command of 20 bytes may be answered by some hundred; there are at most 256 of them. */
  private static final int MAX_REPLY_BYTES = 256 << 10;

  /** How far the connection is. */
  private enum Prelude {
    NONE(Bytes.of()),
    HANDSHAKE(Bytes.of().handshake()),
    CONNECTED(Bytes.of().handshake().connect("live").simple("createStream", 4)),
    PUBLISHING(Bytes.of().publishing("a"));

    private final byte[] bytes;

    Prelude(Bytes bytes) {
      this.bytes = bytes.toArray();
    }
  }

  private RtmpSessionFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    Prelude prelude = Prelude.values()[data[0] & 3];
    int pieceBytes = PIECES[(data[0] >> 2 & 0x3F) % PIECES.length];
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    RecordingHandler handler = new RecordingHandler();
    SessionHarness harness = new SessionHarness(handler);
    try (harness) {
      harness.feed(prelude.bytes);
      feed(harness, rest, pieceBytes);
      boolean authenticated = !handler.opened.isEmpty();
      long limitBytes = SessionInput.MAX_UNAUTHENTICATED_BYTES;
      assertThat(harness.peakBytes())
          .isLessThanOrEqualTo(authenticated ? limitBytes + 4L * rest.length : limitBytes);
      long replyBytes = harness.replies.stream().mapToLong(reply -> reply.body().length).sum();
      assertThat(replyBytes).isLessThan(MAX_REPLY_BYTES + 16L * rest.length);
    }
    EndReason end = harness.end();
    assertThat(end.kind()).as("%s", end).isNotEqualTo(EndReason.Kind.INTERNAL_ERROR);
    assertThat(end.text()).matches("[ -~]{1,210}");
    handler.opened.forEach(recorded -> assertThat(recorded.end).isDone());
  }

  private static void feed(SessionHarness harness, byte[] bytes, int pieceBytes) {
    if (pieceBytes >= bytes.length) {
      harness.feed(bytes);
    } else {
      harness.feed(bytes, pieceBytes);
    }
  }

  /** The table of hostile input, and what real encoders sent. */
  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    HostileInputTest.inputs().forEach(bytes -> addWithPrelude(seeds, bytes));
    for (String client :
        List.of("ffmpeg51", "gst122_librtmp", "gst122_rtmp2sink", "obs29", "vlc3")) {
      addWithPrelude(seeds, Arrays.copyOf(recorded(client), 6_000));
    }
    seeds.add(with(3, Bytes.of().video(0, new byte[] {0x17, 0, 0, 0, 0, 1}).toArray()));
    seeds.add(with(3, Bytes.of().audio(0, new byte[] {(byte) 0xAF, 0, 0x12, 0x10}).toArray()));
    seeds.add(with(2, Bytes.of().publish("a?key=b").simple("FCUnpublish", 6).toArray()));
    return seeds;
  }

  /** Leaves the handshake to the prelude, which makes inputs of some hundred bytes. */
  private static void addWithPrelude(List<byte[]> seeds, byte[] bytes) {
    int handshakeBytes = 1 + 2 * 1536;
    if (bytes.length > handshakeBytes && bytes[0] == 3) {
      seeds.add(with(1, Arrays.copyOfRange(bytes, handshakeBytes, bytes.length)));
    } else {
      seeds.add(with(0, bytes));
      seeds.add(with(3, bytes));
    }
  }

  private static byte[] with(int first, byte[] bytes) {
    byte[] seed = new byte[1 + bytes.length];
    seed[0] = (byte) first;
    System.arraycopy(bytes, 0, seed, 1, bytes.length);
    return seed;
  }

  private static byte[] recorded(String client) {
    String name = "/rtmp/corpus/" + client + ".c2s";
    try (InputStream in = RtmpSessionFuzz.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no test resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
