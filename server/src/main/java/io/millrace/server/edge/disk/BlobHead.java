package io.millrace.server.edge.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What stands before a blob's bytes (big-endian):
 *
 * <pre>
 *  0  4  magic "MRB1"
 *  4  4  CRC-32C of everything from 8 to the end of the head
 *  8  8  Unix time in ms from which its age counts
 * 16  8  Unix time in ms from which it may not be used any more
 * 24  4  length of the name
 * 28  4  length of the notes
 * 32  8  length of the blob
 * 40  …  name, notes, and a CRC-32C for each piece of 64 KiB, the last one shorter
 *     …  the blob
 * </pre>
 *
 * <p>A head that was written in part does not have its checksum; bytes that were not written do not
 * have theirs.
 *
 * @param name what it is asked for by
 * @param notes the caller's
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record BlobHead(
    byte[] name, byte[] notes, long bornMs, long expiresMs, long bodyBytes, int[] pieceSums) {
  static final int FIXED_BYTES = 40;
  static final int PIECE_BYTES = 64 << 10;
  static final int MAX_NAME_BYTES = 4 << 10;
  static final int MAX_NOTES_BYTES = 16 << 10;
  private static final int MAGIC = 0x4d524231;
  private static final int SUMMED_FROM = 8;

  /** Lengths out of the fixed part, checked as far as they can be. */
  record Lengths(int nameBytes, int notesBytes, long bodyBytes) {
    int headBytes() {
      return FIXED_BYTES + nameBytes + notesBytes + 4 * pieces(bodyBytes);
    }

    long allBytes() {
      return headBytes() + bodyBytes;
    }
  }

  static int pieces(long bodyBytes) {
    return Math.toIntExact((bodyBytes + PIECE_BYTES - 1) / PIECE_BYTES);
  }

  static BlobHead of(
      byte[] name, byte[] notes, long bornMs, long expiresMs, List<byte[]> body, long bodyBytes) {
    return new BlobHead(name, notes, bornMs, expiresMs, bodyBytes, sums(body, bodyBytes));
  }

  private static int[] sums(List<byte[]> body, long bodyBytes) {
    int[] sums = new int[pieces(bodyBytes)];
    CRC32C sum = new CRC32C();
    int piece = 0;
    int inPiece = 0;
    for (byte[] array : body) {
      for (int at = 0; at < array.length; ) {
        int size = Math.min(array.length - at, PIECE_BYTES - inPiece);
        sum.update(array, at, size);
        at += size;
        inPiece += size;
        if (inPiece == PIECE_BYTES) {
          sums[piece++] = (int) sum.getValue();
          sum.reset();
          inPiece = 0;
        }
      }
    }
    if (inPiece > 0) {
      sums[piece] = (int) sum.getValue();
    }
    return sums;
  }

  Lengths lengths() {
    return new Lengths(name.length, notes.length, bodyBytes);
  }

  /** As bytes, to be read from the start. */
  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(lengths().headBytes());
    out.putInt(MAGIC).putInt(0).putLong(bornMs).putLong(expiresMs);
    out.putInt(name.length).putInt(notes.length).putLong(bodyBytes).put(name).put(notes);
    for (int sum : pieceSums) {
      out.putInt(sum);
    }
    out.putInt(4, sum(out.array(), SUMMED_FROM, out.capacity() - SUMMED_FROM));
    return out.flip();
  }

  /**
   * Reads the fixed part.
   *
   * @param fixed its 40 bytes, from 0
   * @param mostBytes that a blob with its head may have
   * @throws IOException when it is none
   */
  static Lengths lengths(ByteBuffer fixed, long mostBytes) throws IOException {
    int nameBytes = fixed.getInt(24);
    int notesBytes = fixed.getInt(28);
    long bodyBytes = fixed.getLong(32);
    boolean plausible =
        fixed.getInt(0) == MAGIC
            && nameBytes >= 0
            && nameBytes <= MAX_NAME_BYTES
            && notesBytes >= 0
            && notesBytes <= MAX_NOTES_BYTES
            && bodyBytes >= 0
            && bodyBytes <= mostBytes;
    if (plausible) {
      Lengths lengths = new Lengths(nameBytes, notesBytes, bodyBytes);
      if (lengths.allBytes() <= mostBytes) {
        return lengths;
      }
    }
    throw new IOException("no blob stands here");
  }

  /**
   * @param head all of it, from 0
   * @throws IOException when it is not what was written
   */
  static BlobHead decode(ByteBuffer head, Lengths lengths) throws IOException {
    byte[] all = new byte[lengths.headBytes()];
    head.get(0, all);
    ByteBuffer in = ByteBuffer.wrap(all);
    if (in.getInt(4) != sum(all, SUMMED_FROM, all.length - SUMMED_FROM)) {
      throw new IOException("a blob's head is not what was written");
    }
    byte[] name = new byte[lengths.nameBytes()];
    byte[] notes = new byte[lengths.notesBytes()];
    in.position(FIXED_BYTES).get(name).get(notes);
    int[] sums = new int[pieces(lengths.bodyBytes())];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = in.getInt();
    }
    return new BlobHead(name, notes, in.getLong(8), in.getLong(16), lengths.bodyBytes(), sums);
  }

  static int sum(byte[] bytes, int from, int size) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, from, size);
    return (int) sum.getValue();
  }
}
