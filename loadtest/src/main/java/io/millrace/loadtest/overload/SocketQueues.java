package io.millrace.loadtest.overload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel holds between two programs on this machine, from {@code /proc/net/tcp}
 * (proc_net_tcp(5)): bytes that one has sent and the other has not read.
 */
final class SocketQueues {
  private static final List<Path> FILES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

  private SocketQueues() {}

  /** The most that waits for a server's port on any one connection, in bytes. */
  static long most(int port) throws IOException {
    long receiving = 0;
    long sending = 0;
    for (Path file : FILES) {
      try {
        for (String line : Files.readAllLines(file)) {
          receiving = Math.max(receiving, receiving(line, port));
          sending = Math.max(sending, sending(line, port));
        }
      } catch (NoSuchFileException e) {
        continue; // without IPv6
      }
    }
    return receiving + sending;
  }

  /** Unread at the server's end of a connection, by one line of the file; 0 for any other line. */
  static long receiving(String line, int port) {
    String[] fields = line.strip().split("\\s+", -1);
    return isEstablished(fields) && port(fields[1]) == port
        ? Long.parseLong(fields[4].split(":", 2)[1], 16)
        : 0;
  }

  /** Unsent, or not acknowledged, at the client's end. */
  static long sending(String line, int port) {
    String[] fields = line.strip().split("\\s+", -1);
    return isEstablished(fields) && port(fields[2]) == port
        ? Long.parseLong(fields[4].split(":", 2)[0], 16)
        : 0;
  }

  private static boolean isEstablished(String[] fields) {
    return fields.length > 4 && fields[3].equals("01");
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
  }
}
