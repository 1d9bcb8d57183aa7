package io.millrace.loadtest.e2e;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** A ClientHello with what a test puts into it (RFC 8446 §4.1.2), and what a server answers. */
final class RawHello {
  static final int X25519 = 0x001d;
  static final int ECDSA_P256_SHA256 = 0x0403;
  private static final int LIMIT_MS = 10_000;

  /** RFC 8446 §4.1.3: the SHA-256 of "HelloRetryRequest". */
  private static final byte[] RETRY =
      HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

  private static final byte[] DOWNGRADE_TO_12 = HexFormat.of().parseHex("444f574e47524401");

  /** What came first. */
  sealed interface Answer {
    /** RFC 8446 §6. */
    record Alert(int level, int description) implements Answer {}

    /**
     * RFC 8446 §4.1.3, §4.1.4.
     *
     * @param group of its key, or the one that is asked for; 0 for none
     * @param downgraded says that it knows better than TLS 1.2
     */
    record Hello(
        int version, int suite, int compression, int group, boolean retry, boolean downgraded)
        implements Answer {}

    /** The end, without a word. */
    record Closed() implements Answer {}
  }

  private int recordVersion = 0x0301;
  private int version = 0x0303;
  private int[] suites = {0x1301, 0x1302, 0x1303};
  private byte[] compressions = {0};
  private final ByteArrayOutputStream extensions = new ByteArrayOutputStream();

  /** TLS 1.3 with everything that it needs, but for a group and a key. */
  static RawHello tls13() {
    return new RawHello().extension(43, 2, 3, 4).extension(45, 1, 1);
  }

  /** TLS 1.3 as a client says it that gets on with this server. */
  static RawHello usual() {
    return tls13().algorithms(ECDSA_P256_SHA256).groups(X25519).key();
  }

  /** An older version, with what its clients say. */
  static RawHello upTo(int version) {
    RawHello hello = new RawHello();
    hello.recordVersion = Math.min(version, 0x0301);
    hello.version = version;
    hello.suites(0xc02b, 0xc02f, 0xc009, 0xc013, 0x009c, 0x002f, 0x0035, 0x000a);
    return version > 0x0300
        ? hello.algorithms(ECDSA_P256_SHA256, 0x0804, 0x0401).groups(X25519, 0x0017)
        : hello;
  }

  RawHello suites(int... values) {
    suites = values;
    return this;
  }

  RawHello compressions(int... methods) {
    compressions = new byte[methods.length];
    for (int i = 0; i < methods.length; i++) {
      compressions[i] = (byte) methods[i];
    }
    return this;
  }

  RawHello algorithms(int... schemes) {
    return extension(13, list(schemes));
  }

  RawHello groups(int... groups) {
    return extension(10, list(groups)).extension(11, 1, 0);
  }

  /** A key of X25519: the base point. */
  RawHello key() {
    int[] share = new int[2 + 4 + 32];
    share[1] = 36;
    share[3] = X25519;
    share[5] = 32;
    share[6] = 9;
    return extension(51, share);
  }

  /** No key: the server has to ask for one. */
  RawHello noKey() {
    return extension(51, 0, 0);
  }

  RawHello protocols(String... names) {
    ByteArrayOutputStream each = new ByteArrayOutputStream();
    for (String name : names) {
      each.write(name.length());
      each.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    }
    int[] data = new int[2 + each.size()];
    data[1] = each.size();
    for (int i = 0; i < each.size(); i++) {
      data[2 + i] = each.toByteArray()[i];
    }
    return extension(16, data);
  }

  RawHello extension(int type, int... data) {
    number(extensions, type, 2);
    number(extensions, data.length, 2);
    for (int each : data) {
      extensions.write(each);
    }
    return this;
  }

  private static int[] list(int... values) {
    int[] list = new int[2 + 2 * values.length];
    list[1] = 2 * values.length;
    for (int i = 0; i < values.length; i++) {
      list[2 + 2 * i] = values[i] >> 8;
      list[3 + 2 * i] = values[i] & 0xff;
    }
    return list;
  }

  private static void number(ByteArrayOutputStream out, int value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write(value >> shift);
    }
  }

  private byte[] record() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    number(body, version, 2);
    body.writeBytes(new byte[32]);
    body.write(0);
    number(body, 2 * suites.length, 2);
    for (int suite : suites) {
      number(body, suite, 2);
    }
    body.write(compressions.length);
    body.writeBytes(compressions);
    if (extensions.size() > 0) {
      number(body, extensions.size(), 2);
      body.writeBytes(extensions.toByteArray());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(22);
    number(out, recordVersion, 2);
    number(out, body.size() + 4, 2);
    out.write(1);
    number(out, body.size(), 3);
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }

  Answer ask(int port) throws IOException {
    return ask(port, record());
  }

  /** Sends these bytes and reads the first record that comes. */
  static Answer ask(int port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(LIMIT_MS);
      socket.getOutputStream().write(bytes);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int type = in.read();
      if (type < 0) {
        return new Answer.Closed();
      }
      in.readUnsignedShort();
      byte[] fragment = new byte[in.readUnsignedShort()];
      in.readFully(fragment);
      return switch (type) {
        case 21 -> new Answer.Alert(fragment[0], fragment[1]);
        case 22 -> hello(ByteBuffer.wrap(fragment));
        default -> throw new IOException("a record of type " + type);
      };
    }
  }

  private static Answer hello(ByteBuffer in) throws IOException {
    if (in.get() != 2) {
      throw new IOException("no ServerHello");
    }
    in.position(in.position() + 3);
    int version = in.getShort();
    byte[] random = new byte[32];
    in.get(random);
    in.position(in.position() + 1 + in.get(in.position()));
    int suite = in.getShort() & 0xffff;
    int compression = in.get();
    int group = 0;
    int end = in.getShort() + in.position();
    while (in.position() < end) {
      int type = in.getShort();
      int next = in.getShort() + in.position();
      if (type == 43) {
        version = in.getShort();
      } else if (type == 51) {
        group = in.getShort();
      }
      in.position(next);
    }
    return new Answer.Hello(
        version,
        suite,
        compression,
        group,
        Arrays.equals(random, RETRY),
        Arrays.equals(Arrays.copyOfRange(random, 24, 32), DOWNGRADE_TO_12));
  }
}
