package io.millrace.transport.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server wants to know of a ClientHello before its TLS engine reads it (RFC 8446 §4.1.2):
 *
 * <pre>
 * 0  type 1 = 1 | length 3
 * 4  legacy_version 2 | random 32
 * 38 legacy_session_id 1+n | cipher_suites 2+n | legacy_compression_methods 1+n
 *    extensions 2+n, each: type 2 | length 2 | data
 *      0  server_name           2+ { type 1 = 0 | name 2+n }          RFC 6066 §3
 *      13 signature_algorithms  2+ { scheme 2 }
 *      16 alpn                  2+ { name 1+n }                       RFC 7301 §3.1
 *      41 pre_shared_key        2+ { identity 2+n | age 4 } 2+ { binder 1+n }, always the last;
 *                               an identity that is a ticket begins with its key's name, 16
 *      42 early_data            empty
 * </pre>
 *
 * Reading is strict: lengths have to fit to the byte and no extension comes twice, as BoringSSL has
 * it too, so that the two cannot see different things in the same bytes. Cost is linear in the
 * length.
 *
 * @param serverName in lower case without a final dot, or null
 * @param ecdsa the client verifies ECDSA signatures of at least one curve
 * @param http the client has HTTP among its protocols, or names none at all
 * @param earlyData the client has sent early data with it
 * @param binder of the first pre-shared key, or null without one; it is a MAC over the whole
 *     ClientHello with the client's random, so no two ClientHellos have the same
 * @param ticketName what the first pre-shared key's identity begins with (RFC 5077 §4), or null
 *     without one, or where it is too short for a ticket
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record ClientHello(
    @Nullable String serverName,
    boolean ecdsa,
    boolean http,
    boolean earlyData,
    byte @Nullable [] binder,
    byte @Nullable [] ticketName) {
  private static final int CLIENT_HELLO = 1;
  private static final int RANDOM_BYTES = 32;
  private static final int SERVER_NAME = 0;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int ALPN = 16;
  private static final int PRE_SHARED_KEY = 41;
  private static final int EARLY_DATA = 42;
  private static final int HOST_NAME = 0;
  private static final int MIN_BINDER_BYTES = 32;
  private static final int TICKET_NAME_BYTES = 16;

  /** ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512 (RFC 8446 §4.2.3). */
  private static final Set<Integer> ECDSA = Set.of(0x0403, 0x0503, 0x0603);

  /** Version 1.0 is not offered, but spoken. */
  private static final Set<String> HTTP = Set.of("h2", "http/1.1", "http/1.0");

  /** Bytes that are no ClientHello; never leaves this class. */
  private static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed() {
      super("malformed ClientHello", null, false, false);
    }
  }

  /** What is known of one that somebody else has read: a name, and that ECDSA is verified. */
  static ClientHello naming(@Nullable String serverName) {
    return new ClientHello(
        serverName == null ? null : serverName.toLowerCase(Locale.ROOT),
        true,
        true,
        false,
        null,
        null);
  }

  /**
   * Reads one handshake message.
   *
   * @param message with its header of four bytes; borrowed
   * @return null for anything but a well-formed ClientHello
   */
  static @Nullable ClientHello parse(ByteBuffer message) {
    ByteBuffer in = message.slice();
    try {
      if (number(in, 1) != CLIENT_HELLO || number(in, 3) != in.remaining()) {
        return null;
      }
      take(in, 2 + RANDOM_BYTES);
      vector(in, 1);
      vector(in, 2);
      vector(in, 1);
      if (!in.hasRemaining()) {
        return new ClientHello(null, false, true, false, null, null); // TLS 1.2 without extensions
      }
      ByteBuffer extensions = vector(in, 2);
      end(in);
      return extensions(extensions);
    } catch (Malformed e) {
      return null;
    }
  }

  private static ClientHello extensions(ByteBuffer in) throws Malformed {
    Set<Integer> seen = new HashSet<>();
    String serverName = null;
    boolean ecdsa = false;
    boolean http = true;
    boolean earlyData = false;
    PreSharedKey first = null;
    while (in.hasRemaining()) {
      int type = number(in, 2);
      ByteBuffer data = vector(in, 2);
      if (!seen.add(type) || first != null) { // pre_shared_key is the last (RFC 8446 §4.2.11)
        throw new Malformed();
      }
      switch (type) {
        case SERVER_NAME -> serverName = serverName(data);
        case SIGNATURE_ALGORITHMS -> ecdsa = ecdsa(data);
        case ALPN -> http = http(data);
        case EARLY_DATA -> {
          end(data);
          earlyData = true;
        }
        case PRE_SHARED_KEY -> first = preSharedKey(data);
        default -> {}
      }
    }
    if (earlyData && first == null) { // RFC 8446 §4.2.10
      throw new Malformed();
    }
    return new ClientHello(
        serverName,
        ecdsa,
        http,
        earlyData,
        first == null ? null : first.binder,
        first == null ? null : first.ticketName);
  }

  private static String serverName(ByteBuffer data) throws Malformed {
    ByteBuffer list = vector(data, 2);
    end(data);
    int type = number(list, 1);
    ByteBuffer name = vector(list, 2);
    end(list); // more than one name, or another kind, was never defined
    if (type != HOST_NAME || !name.hasRemaining() || name.remaining() > 255) {
      throw new Malformed();
    }
    String text = StandardCharsets.ISO_8859_1.decode(name).toString().toLowerCase(Locale.ROOT);
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  private static boolean ecdsa(ByteBuffer data) throws Malformed {
    ByteBuffer schemes = vector(data, 2);
    end(data);
    boolean found = false;
    while (schemes.hasRemaining()) {
      found |= ECDSA.contains(number(schemes, 2));
    }
    return found;
  }

  private static boolean http(ByteBuffer data) throws Malformed {
    ByteBuffer names = vector(data, 2);
    end(data);
    if (!names.hasRemaining()) {
      throw new Malformed();
    }
    boolean found = false;
    while (names.hasRemaining()) {
      ByteBuffer name = vector(names, 1);
      if (!name.hasRemaining()) {
        throw new Malformed();
      }
      found |= HTTP.contains(StandardCharsets.ISO_8859_1.decode(name).toString());
    }
    return found;
  }

  /** The first one: BoringSSL looks at no other. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record PreSharedKey(byte[] binder, byte @Nullable [] ticketName) {}

  private static PreSharedKey preSharedKey(ByteBuffer data) throws Malformed {
    ByteBuffer identities = vector(data, 2);
    byte[] ticketName = null;
    int count = 0;
    while (identities.hasRemaining()) {
      ByteBuffer identity = vector(identities, 2);
      take(identities, 4);
      if (count++ == 0 && identity.remaining() >= TICKET_NAME_BYTES) {
        ticketName = new byte[TICKET_NAME_BYTES];
        identity.get(ticketName);
      }
    }
    ByteBuffer binders = vector(data, 2);
    end(data);
    byte[] first = null;
    while (binders.hasRemaining()) {
      ByteBuffer binder = vector(binders, 1);
      if (binder.remaining() < MIN_BINDER_BYTES) {
        throw new Malformed();
      }
      if (first == null) {
        first = new byte[binder.remaining()];
        binder.get(first);
      }
      count--;
    }
    if (first == null || count != 0) {
      throw new Malformed();
    }
    return new PreSharedKey(first, ticketName);
  }

  private static int number(ByteBuffer in, int bytes) throws Malformed {
    if (in.remaining() < bytes) {
      throw new Malformed();
    }
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | in.get() & 0xff;
    }
    return value;
  }

  private static ByteBuffer vector(ByteBuffer in, int lengthBytes) throws Malformed {
    return take(in, number(in, lengthBytes));
  }

  private static ByteBuffer take(ByteBuffer in, int bytes) throws Malformed {
    if (in.remaining() < bytes) {
      throw new Malformed();
    }
    ByteBuffer taken = in.slice(in.position(), bytes);
    in.position(in.position() + bytes);
    return taken;
  }

  private static void end(ByteBuffer in) throws Malformed {
    if (in.hasRemaining()) {
      throw new Malformed();
    }
  }
}
