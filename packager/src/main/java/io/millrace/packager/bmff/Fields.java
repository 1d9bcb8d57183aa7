package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Field encodings that many boxes share. */
final class Fields {
  private Fields() {}

  static void header(ByteBuffer out, Box box) {
    out.putInt(box.sizeBytes());
    fourCc(out, box.type());
  }

  static void fullHeader(ByteBuffer out, Box box, int version, int flags) {
    header(out, box);
    out.putInt(version << 24 | flags);
  }

  static void fourCc(ByteBuffer out, String type) {
    if (type.length() != 4) {
      throw new IllegalArgumentException("not a four-character code: " + type);
    }
    for (int i = 0; i < 4; i++) {
      out.put((byte) type.charAt(i));
    }
  }

  static String fourCc(ByteBuffer in) {
    byte[] bytes = new byte[4];
    in.get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  static void uuid(ByteBuffer out, UUID value) {
    out.putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
  }

  static UUID uuid(ByteBuffer in) {
    long high = in.getLong();
    return new UUID(high, in.getLong());
  }

  static void zeros(ByteBuffer out, int count) {
    for (int i = 0; i < count; i++) {
      out.put((byte) 0);
    }
  }

  static void skip(ByteBuffer in, int count) {
    in.position(Math.addExact(in.position(), count));
  }

  /** The unity matrix of {@code mvhd} and an unrotated {@code tkhd} (§6.2.2). */
  static void unityMatrix(ByteBuffer out) {
    matrix(out, 1, 0, 0, 1, 0, 0);
  }

  /** {@code {a b u, c d v, x y w}}: a–d 16.16, x and y 16.16 in pixels, u v w 2.30 (§6.2.2). */
  static void matrix(ByteBuffer out, int a, int b, int c, int d, int x, int y) {
    out.putInt(a << 16).putInt(b << 16).putInt(0);
    out.putInt(c << 16).putInt(d << 16).putInt(0);
    out.putInt(x << 16).putInt(y << 16).putInt(1 << 30);
  }
}
