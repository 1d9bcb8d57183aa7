package io.millrace.loadtest.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Attacks by what comes before a TLS session: records of handshake messages (RFC 8446 §5.1). */
final class HelloAttacks {
  private static final int CONNECTIONS = 50;
  private static final int HELLO_BYTES = 12_000;
  private static final long PATIENCE_MS = 100;

  static final List<Attack> ALL =
      List.of(
          new Attack("ClientHello in tiny records, CVE-2026-75596", HelloAttacks::tinyRecords),
          new Attack("ClientHello of 9 bytes for 16 MiB, CVE-2026-45416", HelloAttacks::huge),
          new Attack("ClientHello that stops half-way", HelloAttacks::half),
          new Attack("records that are none", HelloAttacks::junk));

  private HelloAttacks() {}

  private static boolean tinyRecords(InetSocketAddress server, String path, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    byte[] message = new byte[HELLO_BYTES];
    message[0] = 1;
    message[2] = (byte) (HELLO_BYTES - 4 >> 8);
    message[3] = (byte) (HELLO_BYTES - 4);
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (byte each : message) {
      records.writeBytes(new byte[] {22, 3, 1, 0, 1, each});
    }
    return many(server, records.toByteArray(), 1, goOn);
  }

  private static boolean huge(InetSocketAddress server, String path, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    byte[] record = {22, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    return many(server, record, CONNECTIONS, goOn);
  }

  private static boolean half(InetSocketAddress server, String path, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    byte[] record = new byte[1_000];
    byte[] head = {22, 3, 1, 8, 0, 1, 0, 7, (byte) 0xfc};
    System.arraycopy(head, 0, record, 0, head.length);
    return many(server, record, CONNECTIONS, goOn);
  }

  private static boolean junk(InetSocketAddress server, String path, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    return many(server, new byte[64 * 1024], 1, goOn);
  }

  private static boolean many(
      InetSocketAddress server, byte[] bytes, int connections, BooleanSupplier goOn)
      throws IOException, InterruptedException {
    List<RawConnection> open = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        RawConnection connection = RawConnection.tcp(server);
        open.add(connection);
        connection.send(bytes);
      }
      for (RawConnection connection : open) {
        while (!connection.awaitEnd(PATIENCE_MS)) {
          if (!goOn.getAsBoolean()) {
            return false;
          }
        }
      }
      return true;
    } finally {
      open.forEach(RawConnection::close);
    }
  }
}
