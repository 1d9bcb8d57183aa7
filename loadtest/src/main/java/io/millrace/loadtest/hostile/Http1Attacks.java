package io.millrace.loadtest.hostile;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Attacks by HTTP/1.1 (RFC 9112): too much, too slow, too many. */
final class Http1Attacks {
  private static final int SLOW_CONNECTIONS = 20;
  private static final long DRIP_MS = 20;
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

  static final List<Attack> ALL =
      List.of(
          new Attack(
              "HTTP/1.1 fields byte by byte (slowloris)",
              (server, path, goOn) -> slowly(server, "GET " + path + HOST, "x", goOn)),
          new Attack(
              "HTTP/1.1 content byte by byte (R.U.D.Y.)",
              (server, path, goOn) ->
                  slowly(
                      server, "POST " + path + HOST + "Content-Length: 60000\r\n\r\n", "x", goOn)),
          new Attack(
              "HTTP/1.1 request line without end",
              (server, path, goOn) -> fast(server, "GET " + path, "x".repeat(4_096), goOn)),
          new Attack(
              "HTTP/1.1 fields without end",
              (server, path, goOn) ->
                  fast(server, "GET " + path + HOST, "x-a: b\r\n".repeat(500), goOn)),
          new Attack(
              "HTTP/1.1 content without end",
              (server, path, goOn) ->
                  fast(
                      server,
                      "POST " + path + HOST + "Transfer-Encoding: chunked\r\n\r\n",
                      "1000\r\n" + "x".repeat(0x1000) + "\r\n",
                      goOn)),
          new Attack(
              "HTTP/1.1 chunks of one byte",
              (server, path, goOn) ->
                  fast(
                      server,
                      "POST " + path + HOST + "Transfer-Encoding: chunked\r\n\r\n",
                      "1\r\nx\r\n".repeat(2_000),
                      goOn)));

  private Http1Attacks() {}

  private static boolean fast(
      InetSocketAddress server, String first, String then, BooleanSupplier goOn)
      throws IOException {
    byte[] next = then.getBytes(StandardCharsets.US_ASCII);
    try (RawConnection connection = RawConnection.tls(server, "http/1.1")) {
      connection.send(first.getBytes(StandardCharsets.US_ASCII));
      while (goOn.getAsBoolean()) {
        if (!connection.send(next)) {
          return true;
        }
      }
      return connection.ended();
    }
  }

  /** Many at once, each with a byte now and then. */
  private static boolean slowly(
      InetSocketAddress server, String first, String drop, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    byte[] next = drop.getBytes(StandardCharsets.US_ASCII);
    List<RawConnection> open = new ArrayList<>();
    try {
      for (int i = 0; i < SLOW_CONNECTIONS && goOn.getAsBoolean(); i++) {
        RawConnection connection = RawConnection.tls(server, "http/1.1");
        open.add(connection);
        connection.send(first.getBytes(StandardCharsets.US_ASCII));
      }
      while (goOn.getAsBoolean()) {
        boolean any = false;
        for (RawConnection connection : open) {
          any |= connection.send(next);
        }
        if (!any) {
          return true;
        }
        open.getFirst().awaitEnd(DRIP_MS);
      }
      return open.stream().allMatch(RawConnection::ended);
    } finally {
      open.forEach(RawConnection::close);
    }
  }
}
