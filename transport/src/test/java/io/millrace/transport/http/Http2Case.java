package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One rule of RFC 9113 or RFC 7541: what a client does, and what has to come of it.
 *
 * @param clause of the standard
 * @param rule what it does, in words
 */
record Http2Case(String clause, String rule, Script script, Outcome outcome) {
  // RFC 9113 §7
  static final int NO_ERROR = 0x0;
  static final int PROTOCOL_ERROR = 0x1;
  static final int FLOW_CONTROL_ERROR = 0x3;
  static final int STREAM_CLOSED = 0x5;
  static final int FRAME_SIZE_ERROR = 0x6;
  static final int CANCEL = 0x8;
  static final int COMPRESSION_ERROR = 0x9;

  private static final byte[] PROBE = "conforms".getBytes(StandardCharsets.US_ASCII);

  /** What the client does after its preface and SETTINGS. */
  interface Script {
    void run(Http2Client client) throws Exception;
  }

  /** What has to come of it. */
  sealed interface Outcome {
    /** GOAWAY with one of these codes, and the end of the connection (RFC 9113 §5.4.1). */
    record ConnectionError(Set<Integer> codes) implements Outcome {}

    /** RST_STREAM with one of these codes; the connection goes on (RFC 9113 §5.4.2). */
    record StreamError(int stream, Set<Integer> codes) implements Outcome {}

    /** The request on this stream is answered with 200 to its end. */
    record Answered(int stream) implements Outcome {}

    /** Nothing is wrong: no RST_STREAM, no GOAWAY, and a PING is answered. */
    record GoesOn() implements Outcome {}
  }

  static Outcome connectionError(Integer... codes) {
    return new Outcome.ConnectionError(Set.of(codes));
  }

  static Outcome streamError(int stream, Integer... codes) {
    return new Outcome.StreamError(stream, Set.of(codes));
  }

  static Outcome answered(int stream) {
    return new Outcome.Answered(stream);
  }

  static Outcome goesOn() {
    return new Outcome.GoesOn();
  }

  @Override
  public String toString() {
    return clause + ": " + rule;
  }

  void check(Http2Client client) throws Exception {
    script.run(client);
    switch (outcome) {
      case Outcome.ConnectionError(Set<Integer> codes) -> {
        Http2Client.Frame goAway = client.await(Http2Client.GOAWAY);
        assertThat(Unpooled.wrappedBuffer(goAway.payload()).getInt(4))
            .as("code of GOAWAY")
            .isIn(codes);
        client.awaitClosed();
      }
      case Outcome.StreamError(int stream, Set<Integer> codes) -> {
        Http2Client.Frame reset = undisturbed(client, Http2Client.RST_STREAM);
        assertThat(reset.stream()).isEqualTo(stream);
        assertThat(Unpooled.wrappedBuffer(reset.payload()).getInt(0))
            .as("code of RST_STREAM")
            .isIn(codes);
        client.frames.clear();
        probe(client);
      }
      case Outcome.Answered(int stream) -> {
        Http2Client.Frame head = undisturbed(client, Http2Client.HEADERS);
        assertThat(head.stream()).isEqualTo(stream);
        assertThat(head.payload()[0]).as(":status 200").isEqualTo((byte) 0x88);
        if ((head.flags() & Http2Client.END_STREAM) == 0) {
          awaitEnd(client);
        }
      }
      case Outcome.GoesOn() -> probe(client);
    }
  }

  private static void probe(Http2Client client) throws InterruptedException {
    client.send(Http2Client.PING, 0, 0, PROBE);
    Http2Client.Frame frame = undisturbed(client, Http2Client.PING);
    while (!java.util.Arrays.equals(frame.payload(), PROBE)) {
      frame = undisturbed(client, Http2Client.PING);
    }
    assertThat(frame.flags() & Http2Client.ACK).isEqualTo(Http2Client.ACK);
  }

  /** Waits for a frame of this type, and lets nothing come before it that says of an error. */
  private static Http2Client.Frame undisturbed(Http2Client client, int type)
      throws InterruptedException {
    while (true) {
      Http2Client.Frame frame = client.frames.poll(10, TimeUnit.SECONDS);
      assertThat(frame).as("a frame of type %s", type).isNotNull();
      if (frame.type() == type) {
        return frame;
      }
      assertThat(frame.type())
          .as("error %s", java.util.HexFormat.of().formatHex(frame.payload()))
          .isNotIn(Http2Client.RST_STREAM, Http2Client.GOAWAY);
    }
  }

  /** Waits for the DATA that ends a stream. */
  static void awaitEnd(Http2Client client) throws InterruptedException {
    Http2Client.Frame frame = undisturbed(client, Http2Client.DATA);
    while ((frame.flags() & Http2Client.END_STREAM) == 0) {
      frame = undisturbed(client, Http2Client.DATA);
    }
  }

  /** A field block of names and values in turn, all literal (RFC 7541 §6.2.2). */
  static byte[] fields(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Http2Client.literal(block, namesAndValues[i], namesAndValues[i + 1]);
    }
    return block.toByteArray();
  }

  /** A field block of a GET, and more fields behind its own. */
  static byte[] get(String path, String... namesAndValues) {
    return join(Http2Client.request("GET", path), fields(namesAndValues));
  }

  static byte[] post(String path, String... namesAndValues) {
    return join(Http2Client.request("POST", path), fields(namesAndValues));
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Four bytes, big-endian. */
  static byte[] number(long value) {
    return bytes((int) (value >> 24), (int) (value >> 16), (int) (value >> 8), (int) value);
  }

  /** Of SETTINGS (RFC 9113 §6.5.1). */
  static byte[] setting(int identifier, long value) {
    return join(bytes(identifier >> 8, identifier), number(value));
  }

  /** Of PRIORITY (RFC 9113 §6.3), and in HEADERS. */
  static byte[] priority(int dependency) {
    return join(number(dependency), bytes(15));
  }

  /** The first of them, or null. */
  static Http2Client.@Nullable Frame first(Http2Client client, int type) {
    return client.frames.stream().filter(frame -> frame.type() == type).findFirst().orElse(null);
  }
}
