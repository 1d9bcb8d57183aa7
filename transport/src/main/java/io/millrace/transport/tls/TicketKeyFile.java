package io.millrace.transport.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Ticket keys on disk, newest first, 48 random bytes each: name 16, HMAC key 16, AES key 16. Who
 * reads them can read resumed sessions' tickets, and with them early data that was recorded, so the
 * file is its owner's alone (mode 0600) or is not used.
 */
record TicketKeyFile(Path path) {
  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  boolean exists() {
    return Files.exists(path);
  }

  /** When the newest key was made. */
  Instant written() throws IOException {
    return Files.getLastModifiedTime(path).toInstant();
  }

  /**
   * Reads the keys.
   *
   * @throws TlsCredentialsException when others than its owner may do anything with it, or it holds
   *     something else
   */
  List<byte[]> read() throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new TlsCredentialsException(path + ": is not a file");
    }
    if (WholeFile.hasPermissions(path)) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      if (!OWNERS.containsAll(permissions)) {
        throw new TlsCredentialsException(
            path
                + ": ticket keys that others may read or write ("
                + PosixFilePermissions.toString(permissions)
                + "); make it mode 0600, or delete it and a new one is made");
      }
    }
    long sizeBytes = Files.size(path);
    int keyBytes = OpenSslSessionTicketKey.TICKET_KEY_SIZE;
    if (sizeBytes == 0 || sizeBytes % keyBytes != 0 || sizeBytes > TicketKeys.KEPT * keyBytes) {
      throw new TlsCredentialsException(
          path
              + ": one to "
              + TicketKeys.KEPT
              + " ticket keys of "
              + keyBytes
              + " bytes expected, found "
              + sizeBytes
              + " bytes; delete it and a new one is made");
    }
    byte[] all = Files.readAllBytes(path);
    List<byte[]> keys = new ArrayList<>();
    for (int at = 0; at < all.length; at += keyBytes) {
      keys.add(Arrays.copyOfRange(all, at, at + keyBytes));
    }
    return keys;
  }

  void write(List<byte[]> newestFirst) throws IOException {
    int keyBytes = OpenSslSessionTicketKey.TICKET_KEY_SIZE;
    byte[] all = new byte[newestFirst.size() * keyBytes];
    for (int i = 0; i < newestFirst.size(); i++) {
      System.arraycopy(newestFirst.get(i), 0, all, i * keyBytes, keyBytes);
    }
    WholeFile.write(path, all, "rw-------");
  }
}
