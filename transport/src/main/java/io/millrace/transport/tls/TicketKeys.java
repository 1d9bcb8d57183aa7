package io.millrace.transport.tls;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys that session tickets are sealed with (RFC 8446 §4.6.1, RFC 5077 §5.5): the newest seals, the
 * older ones still open. Kept over a change of certificate, so that viewers resume; lost at a
 * restart, so that a stolen disk opens nothing.
 */
final class TicketKeys {
  private static final int KEPT = 3;

  private final SecureRandom random = new SecureRandom();
  private final List<OpenSslSessionTicketKey> newestFirst = new ArrayList<>();

  TicketKeys() {
    rotate();
  }

  /** Seals with a new key from here on, and forgets the oldest. */
  synchronized void rotate() {
    newestFirst.addFirst(
        new OpenSslSessionTicketKey(
            bytes(OpenSslSessionTicketKey.NAME_SIZE),
            bytes(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
            bytes(OpenSslSessionTicketKey.AES_KEY_SIZE)));
    if (newestFirst.size() > KEPT) {
      newestFirst.removeLast();
    }
  }

  synchronized OpenSslSessionTicketKey[] newestFirst() {
    return newestFirst.toArray(OpenSslSessionTicketKey[]::new);
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }
}
