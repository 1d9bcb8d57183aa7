package io.millrace.server.access;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A playback token: who holds it may play a stream, or all of an app, until it expires. Stateless;
 * base64url (RFC 4648 §5) without padding of
 *
 * <pre>
 *  0   1   2     4                   9   10
 * +---+---+-----+-------------------+---+-------------+-----------------+------------------------+
 * | 1 | f | key | expiry, Unix s    | n | path, UTF-8 | address: 0/4/8  | HMAC-SHA-256, 32 bytes |
 * +---+---+-----+-------------------+---+-------------+-----------------+------------------------+
 * </pre>
 *
 * <p>{@code f} is 0; 1 with an IPv4 address; 2 with the first 64 bits of an IPv6 one. The path is
 * {@code app/name}, or {@code app/} for all of the app. The code (RFC 2104) is over all in front of
 * it. A check decodes into memory of its thread and makes no object, but for the copy of an address
 * that a token is bound to ({@code PlayTokenAllocationTest}).
 */
public final class PlayToken {
  /** What a check finds, in the order in which it looks. */
  public enum Verdict {
    VALID,
    /** Not a token: cut off, of another version, with something behind it. */
    MALFORMED,
    /** Signed by nobody whose key is here, or changed since. */
    BAD_SIGNATURE,
    OTHER_PATH,
    EXPIRED,
    OTHER_ADDRESS
  }

  private static final int VERSION = 1;
  private static final int HEAD_BYTES = 10;
  private static final int MAC_BYTES = Hmac.CODE_BYTES;
  private static final int MAX_PATH_BYTES = 255;
  private static final int MAX_BYTES = HEAD_BYTES + MAX_PATH_BYTES + 8 + MAC_BYTES;
  private static final int MAX_CHARS = (MAX_BYTES * 4 + 2) / 3;
  private static final long MAX_EXPIRY_S = (1L << 40) - 1;
  private static final byte[] DIGITS = digits();
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private PlayToken() {}

  /** What a thread checks with. */
  private static final class Scratch {
    /** Keys of one configuration: a handful. */
    private static final int MAX_MACS = 256;

    final byte[] token = new byte[MAX_BYTES + 3];
    final byte[] expected = new byte[MAC_BYTES];
    private final Map<PlayKey, Hmac> macs = new HashMap<>();

    Hmac mac(PlayKey key) {
      Hmac mac = macs.get(key);
      if (mac == null) {
        if (macs.size() >= MAX_MACS) {
          macs.clear();
        }
        mac = new Hmac(key.secret());
        macs.put(key, mac);
      }
      return mac;
    }
  }

  /**
   * Signs one.
   *
   * @param path {@code app/name}, or {@code app/} for every stream of the app
   * @param address that alone may use it (of IPv6, its /64); null for everybody
   * @throws IllegalArgumentException for a path that is none
   */
  public static String sign(
      PlayKey key, String path, Instant expiry, @Nullable InetAddress address) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int slash = path.indexOf('/');
    if (slash < 1 || path.indexOf('/', slash + 1) >= 0 || name.length > MAX_PATH_BYTES) {
      throw new IllegalArgumentException("a path is APP/NAME, or APP/ for all of an app");
    }
    long expiryS = expiry.getEpochSecond();
    if (expiryS < 0 || expiryS > MAX_EXPIRY_S) {
      throw new IllegalArgumentException("a token cannot expire then");
    }
    byte[] bound = bound(address);
    ByteBuffer token = ByteBuffer.allocate(HEAD_BYTES + name.length + bound.length + MAC_BYTES);
    token.put((byte) VERSION).put((byte) (bound.length / 4)).putShort((short) key.id());
    token.put((byte) (expiryS >>> 32)).putInt((int) expiryS).put((byte) name.length);
    token.put(name).put(bound);
    byte[] code = new byte[MAC_BYTES];
    new Hmac(key.secret()).code(token.array(), token.position(), code);
    token.put(code);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
  }

  private static byte[] bound(@Nullable InetAddress address) {
    if (address == null) {
      return new byte[0];
    }
    byte[] all = address.getAddress();
    return address instanceof Inet4Address ? all : Arrays.copyOf(all, 8);
  }

  /**
   * Looks whether a token lets its holder play.
   *
   * @param stream {@code app/name}
   * @param address the viewer's
   * @param keys that tokens may be signed with
   */
  public static Verdict check(
      String token, String stream, InetAddress address, Instant now, List<PlayKey> keys) {
    Scratch scratch = SCRATCH.get();
    byte[] bytes = scratch.token;
    int size = decode(token, bytes);
    int pathBytes = size < HEAD_BYTES ? 0 : bytes[9] & 0xff;
    int addressBytes = size < HEAD_BYTES ? 0 : 4 * bytes[1];
    if (size < HEAD_BYTES
        || bytes[0] != VERSION
        || bytes[1] < 0
        || bytes[1] > 2
        || size != HEAD_BYTES + pathBytes + addressBytes + MAC_BYTES) {
      return Verdict.MALFORMED;
    }
    if (!isSigned(scratch, size - MAC_BYTES, keys)) {
      return Verdict.BAD_SIGNATURE;
    }
    if (!isFor(bytes, pathBytes, stream)) {
      return Verdict.OTHER_PATH;
    }
    if (now.getEpochSecond() >= expiryS(bytes)) {
      return Verdict.EXPIRED;
    }
    return addressBytes == 0 || isFrom(bytes, HEAD_BYTES + pathBytes, addressBytes, address)
        ? Verdict.VALID
        : Verdict.OTHER_ADDRESS;
  }

  private static boolean isSigned(Scratch scratch, int size, List<PlayKey> keys) {
    byte[] bytes = scratch.token;
    int id = ((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff);
    for (int i = 0; i < keys.size(); i++) {
      PlayKey key = keys.get(i);
      if (key.id() == id) {
        scratch.mac(key).code(bytes, size, scratch.expected);
        return equal(scratch.expected, bytes, size);
      }
    }
    return false;
  }

  /**
   * In the same time wherever the first difference is, as {@link
   * java.security.MessageDigest#isEqual}.
   */
  private static boolean equal(byte[] expected, byte[] bytes, int offset) {
    int difference = 0;
    for (int i = 0; i < MAC_BYTES; i++) {
      difference |= expected[i] ^ bytes[offset + i];
    }
    return difference == 0;
  }

  private static long expiryS(byte[] bytes) {
    long expiryS = 0;
    for (int i = 4; i < 9; i++) {
      expiryS = (expiryS << 8) | (bytes[i] & 0xff);
    }
    return expiryS;
  }

  private static boolean isFor(byte[] bytes, int pathBytes, String stream) {
    if (pathBytes == 0) {
      return false;
    }
    boolean wholeApp = bytes[HEAD_BYTES + pathBytes - 1] == '/';
    for (int i = 0; i < pathBytes; i++) {
      if (i == stream.length() || stream.charAt(i) >= 0x80) {
        return i < stream.length() && isForText(bytes, pathBytes, stream, wholeApp);
      }
      if (bytes[HEAD_BYTES + i] != stream.charAt(i)) {
        return false;
      }
    }
    return wholeApp || pathBytes == stream.length();
  }

  /** The same for a name that is not ASCII. */
  private static boolean isForText(byte[] bytes, int size, String stream, boolean wholeApp) {
    String path = new String(bytes, HEAD_BYTES, size, StandardCharsets.UTF_8);
    return wholeApp ? stream.startsWith(path) : stream.equals(path);
  }

  private static boolean isFrom(byte[] bytes, int offset, int size, InetAddress address) {
    byte[] from = address.getAddress();
    if ((from.length == 4) != (size == 4)) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (from[i] != bytes[offset + i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Decodes base64url into {@code out}, strictly: one text for each sequence of bytes.
   *
   * @return how many bytes; -1 where it is not that, or too long
   */
  private static int decode(String text, byte[] out) {
    int chars = text.length();
    if (chars > MAX_CHARS || chars % 4 == 1) {
      return -1;
    }
    int size = 0;
    int bits = 0;
    int held = 0;
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      int digit = c < DIGITS.length ? DIGITS[c] : -1;
      if (digit < 0) {
        return -1;
      }
      held = (held << 6) | digit;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out[size++] = (byte) (held >>> bits);
        held &= (1 << bits) - 1;
      }
    }
    return held == 0 ? size : -1;
  }

  private static byte[] digits() {
    byte[] digits = new byte[128];
    Arrays.fill(digits, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < alphabet.length(); i++) {
      digits[alphabet.charAt(i)] = (byte) i;
    }
    return digits;
  }
}
