package io.millrace.packager.crypt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Decrypts common encryption as a player does, and shares no code with what encrypts: boxes are
 * read from the bytes, modes are made of single AES blocks.
 */
final class PlainReader {
  private static final List<String> CONTAINERS =
      List.of("moov", "trak", "mdia", "minf", "stbl", "sinf", "schi", "moof", "traf");
  private static final int BLOCK = 16;

  final String scheme;
  final String originalFormat;
  final UUID kid;
  final List<UUID> psshKids = new ArrayList<>();
  private final int cryptBlocks;
  private final int skipBlocks;
  private final int ivSize;
  private final byte[] constantIv;

  /** Samples whose protected ranges, taken together, are longer than nothing. */
  int encryptedSamples;

  PlainReader(byte[] init) {
    ByteBuffer entry = find(ByteBuffer.wrap(init), "stsd").position(8);
    int entrySize = entry.getInt();
    byte[] type = new byte[4];
    entry.get(type);
    int fixed = new String(type, StandardCharsets.US_ASCII).equals("encv") ? 78 : 28;
    ByteBuffer children = entry.slice(entry.position() + fixed, entrySize - 8 - fixed);
    originalFormat = text(find(children.duplicate(), "frma"), 0);
    scheme = text(find(children.duplicate(), "schm"), 4);
    ByteBuffer tenc = find(children.duplicate(), "tenc");
    int version = tenc.get(0);
    cryptBlocks = version == 0 ? 0 : tenc.get(5) >> 4 & 15;
    skipBlocks = version == 0 ? 0 : tenc.get(5) & 15;
    ivSize = tenc.get(7);
    kid = new UUID(tenc.getLong(8), tenc.getLong(16));
    constantIv = new byte[ivSize == 0 ? tenc.get(24) : 0];
    tenc.get(25 - (ivSize == 0 ? 0 : 1), constantIv);
    ByteBuffer pssh = find(ByteBuffer.wrap(init), "pssh");
    for (int i = 0; i < pssh.getInt(20); i++) {
      psshKids.add(new UUID(pssh.getLong(24 + 16 * i), pssh.getLong(32 + 16 * i)));
    }
  }

  /** The samples of fragments, decrypted. */
  List<byte[]> samples(byte[] segment, Map<UUID, byte[]> keys) throws Exception {
    List<byte[]> samples = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(segment);
    while (in.hasRemaining()) {
      int start = in.position();
      int size = in.getInt(start);
      if (text(in, start + 4).equals("moof")) {
        fragment(segment, start, size, keys.get(kid), samples);
      }
      in.position(start + size);
    }
    return samples;
  }

  private void fragment(byte[] segment, int moof, int size, byte[] key, List<byte[]> to)
      throws Exception {
    ByteBuffer box = ByteBuffer.wrap(segment, moof, size).slice();
    ByteBuffer tfhd = find(box.duplicate(), "tfhd");
    int at = 8 + 4 * Integer.bitCount(tfhd.getInt(0) & 0x8);
    int commonSize = (tfhd.getInt(0) & 0x10) != 0 ? tfhd.getInt(at) : 0;
    ByteBuffer trun = find(box.duplicate(), "trun");
    int flags = trun.getInt(0);
    int count = trun.getInt(4);
    int data = moof + trun.getInt(8);
    int entry = 4 * Integer.bitCount(flags & 0xF00);
    int entries = 12 + ((flags & 4) != 0 ? 4 : 0);
    ByteBuffer saio = has(box, "saio") ? find(box.duplicate(), "saio") : null;
    ByteBuffer saiz = saio == null ? null : find(box.duplicate(), "saiz");
    int auxiliary = saio == null ? 0 : moof + saio.getInt(8);
    for (int i = 0; i < count; i++) {
      int sizeAt = entries + i * entry + ((flags & 0x100) != 0 ? 4 : 0);
      int sampleSize = (flags & 0x200) != 0 ? trun.getInt(sizeAt) : commonSize;
      byte[] sample = Arrays.copyOfRange(segment, data, data + sampleSize);
      data += sampleSize;
      byte[] iv = constantIv;
      int[] ranges = null;
      if (saiz != null) {
        int info = saiz.get(4) != 0 ? saiz.get(4) & 0xFF : saiz.get(9 + i) & 0xFF;
        ByteBuffer aux = ByteBuffer.wrap(segment, auxiliary, info).slice();
        auxiliary += info;
        if (ivSize > 0) {
          iv = new byte[ivSize];
          aux.get(iv);
        }
        if (aux.hasRemaining()) {
          ranges = new int[2 * (aux.getShort() & 0xFFFF)];
          for (int r = 0; r < ranges.length; r += 2) {
            ranges[r] = aux.getShort() & 0xFFFF;
            ranges[r + 1] = aux.getInt();
          }
          if (aux.hasRemaining() || Arrays.stream(ranges).sum() != sampleSize) {
            throw new AssertionError("subsample map does not tile the sample");
          }
        }
      }
      to.add(decrypt(sample, ranges, iv, key));
    }
    if (saiz != null && saiz.getInt(5) != count) {
      throw new AssertionError("saiz counts other samples");
    }
  }

  private byte[] decrypt(byte[] sample, int[] ranges, byte[] iv, byte[] key) throws Exception {
    int[] runs = ranges == null ? new int[] {0, sample.length} : ranges;
    int protectedBytes = 0;
    for (int i = 1; i < runs.length; i += 2) {
      protectedBytes += runs[i];
    }
    encryptedSamples += protectedBytes > 0 ? 1 : 0;
    return scheme.equals("cenc")
        ? counter(sample, runs, iv, key)
        : chained(sample, runs, iv, key, ranges != null);
  }

  private static byte[] counter(byte[] sample, int[] runs, byte[] iv, byte[] key) throws Exception {
    Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
    aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    byte[] out = sample.clone();
    byte[] stream = new byte[0];
    int used = BLOCK;
    long block = 0;
    int at = 0;
    for (int i = 0; i < runs.length; i += 2) {
      at += runs[i];
      for (int end = at + runs[i + 1]; at < end; at++) {
        if (used == BLOCK) {
          stream = aes.doFinal(ByteBuffer.allocate(BLOCK).put(iv).putLong(block++).array());
          used = 0;
        }
        out[at] ^= stream[used++];
      }
    }
    return out;
  }

  private byte[] chained(byte[] sample, int[] runs, byte[] iv, byte[] key, boolean pattern)
      throws Exception {
    Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
    aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"));
    byte[] out = sample.clone();
    int at = 0;
    for (int i = 0; i < runs.length; i += 2) {
      at += runs[i];
      byte[] before = iv;
      int end = at + runs[i + 1];
      for (int block = 0; at + BLOCK <= end; at += BLOCK, block++) {
        boolean encrypted = !pattern || block % (cryptBlocks + skipBlocks) < cryptBlocks;
        if (encrypted) {
          byte[] now = Arrays.copyOfRange(sample, at, at + BLOCK);
          byte[] plain = aes.doFinal(now);
          for (int b = 0; b < BLOCK; b++) {
            out[at + b] = (byte) (plain[b] ^ before[b]);
          }
          before = now;
        }
      }
      at = end;
    }
    return out;
  }

  private static boolean has(ByteBuffer boxes, String type) {
    return search(boxes.duplicate(), type) != null;
  }

  /** Content of the first box of the type. */
  private static ByteBuffer find(ByteBuffer boxes, String type) {
    ByteBuffer found = search(boxes, type);
    if (found == null) {
      throw new AssertionError("no " + type);
    }
    return found;
  }

  private static ByteBuffer search(ByteBuffer boxes, String type) {
    int end = boxes.limit();
    for (int at = boxes.position(); at < end; at += boxes.getInt(at)) {
      int size = boxes.getInt(at);
      String name = text(boxes, at + 4);
      boolean whole = name.equals("moof") && at == 0 && size == end;
      ByteBuffer content = boxes.slice(at + 8, size - 8);
      if (name.equals(type) && !whole) {
        return content;
      }
      if (CONTAINERS.contains(name)) {
        ByteBuffer inner = search(content.duplicate(), type);
        if (inner != null) {
          return inner;
        }
      }
    }
    return null;
  }

  private static String text(ByteBuffer in, int at) {
    byte[] bytes = new byte[4];
    in.get(at, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
