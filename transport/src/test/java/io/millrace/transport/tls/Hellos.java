package io.millrace.transport.tls;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes ClientHellos, well-formed and not. */
final class Hellos {
  static final int ECDSA_P256 = 0x0403;
  static final int RSA_PSS = 0x0804;

  private final List<byte[]> extensions = new ArrayList<>();

  static Hellos with() {
    return new Hellos();
  }

  /** As a browser that comes back says it, with early data. */
  static byte[] early(byte[] binder) {
    return early(binder, new byte[16]);
  }

  /**
   * As a browser that comes back with a ticket says it, with early data.
   *
   * @param ticketName what the ticket begins with
   */
  static byte[] early(byte[] binder, byte[] ticketName) {
    return with()
        .serverName("media.example")
        .algorithms(ECDSA_P256, RSA_PSS)
        .tls13()
        .extension(42, new byte[0])
        .tickets(ticketName, binder)
        .message();
  }

  Hellos extension(int type, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    number(out, type, 2);
    vector(out, data, 2);
    extensions.add(out.toByteArray());
    return this;
  }

  /** What a TLS 1.3 handshake needs: a version, a group, a key of it, and how a ticket is used. */
  Hellos tls13() {
    byte[] share = new byte[2 + 4 + 32];
    share[1] = 36;
    share[3] = 0x1d;
    share[5] = 32;
    System.arraycopy(binder(9), 0, share, 6, 32);
    return extension(43, new byte[] {2, 3, 4})
        .extension(10, new byte[] {0, 2, 0, 0x1d})
        .extension(45, new byte[] {1, 1})
        .extension(51, share);
  }

  Hellos serverName(String name) {
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    number(entry, 0, 1);
    vector(entry, name.getBytes(StandardCharsets.US_ASCII), 2);
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    vector(list, entry.toByteArray(), 2);
    return extension(0, list.toByteArray());
  }

  Hellos algorithms(int... schemes) {
    ByteArrayOutputStream each = new ByteArrayOutputStream();
    for (int scheme : schemes) {
      number(each, scheme, 2);
    }
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    vector(list, each.toByteArray(), 2);
    return extension(13, list.toByteArray());
  }

  Hellos protocols(String... names) {
    ByteArrayOutputStream each = new ByteArrayOutputStream();
    for (String name : names) {
      vector(each, name.getBytes(StandardCharsets.US_ASCII), 1);
    }
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    vector(list, each.toByteArray(), 2);
    return extension(16, list.toByteArray());
  }

  /** One identity for each binder. */
  Hellos preSharedKeys(byte[]... binders) {
    return tickets(new byte[16], binders);
  }

  /** A ticket that begins with this for each binder. */
  Hellos tickets(byte[] ticketName, byte[]... binders) {
    ByteArrayOutputStream identities = new ByteArrayOutputStream();
    ByteArrayOutputStream macs = new ByteArrayOutputStream();
    for (byte[] binder : binders) {
      vector(identities, Arrays.copyOf(ticketName, 180), 2);
      number(identities, 0x01020304, 4);
      vector(macs, binder, 1);
    }
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    vector(both, identities.toByteArray(), 2);
    vector(both, macs.toByteArray(), 2);
    return extension(41, both.toByteArray());
  }

  /** The handshake message. */
  byte[] message() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    number(body, 0x0303, 2);
    body.writeBytes(new byte[32]);
    vector(body, new byte[32], 1);
    vector(body, new byte[] {0x13, 0x01, 0x13, 0x02}, 2);
    vector(body, new byte[1], 1);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    extensions.forEach(all::writeBytes);
    vector(body, all.toByteArray(), 2);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    number(message, 1, 1);
    vector(message, body.toByteArray(), 3);
    return message.toByteArray();
  }

  /** In records of at most {@code fragmentBytes} each. */
  static byte[] records(byte[] message, int fragmentBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < message.length; at += fragmentBytes) {
      number(out, 22, 1);
      number(out, 0x0301, 2);
      int end = Math.min(message.length, at + fragmentBytes);
      vector(out, Arrays.copyOfRange(message, at, end), 2);
    }
    return out.toByteArray();
  }

  static byte[] binder(int seed) {
    byte[] binder = new byte[32];
    new java.util.Random(seed).nextBytes(binder);
    return binder;
  }

  private static void vector(ByteArrayOutputStream out, byte @Nullable [] data, int lengthBytes) {
    byte[] given = data == null ? new byte[0] : data;
    number(out, given.length, lengthBytes);
    out.writeBytes(given);
  }

  private static void number(ByteArrayOutputStream out, int value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write(value >>> shift);
    }
  }
}
