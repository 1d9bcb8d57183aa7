package io.millrace.server.edge.disk;

import io.millrace.packager.disk.DiskFiles;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A file of blobs, one behind the other, that only grows and is deleted as a whole. One thread
 * writes; any number read what is complete.
 */
final class Slab {
  private static final int GUESS_BYTES = 4 << 10;

  /** Told of a blob that was found. */
  interface Found {
    void blob(long offset, BlobHead head);
  }

  final Path file;
  final long number;
  private final FileChannel channel;
  private long sizeBytes;

  Slab(Path file, long number, FileChannel channel, long sizeBytes) {
    this.file = file;
    this.number = number;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /**
   * Writes a blob at the end; returns where it begins. What was written of one that failed is cut
   * off again.
   */
  long append(BlobHead head, List<byte[]> body) throws IOException {
    long offset = sizeBytes;
    try {
      long at = DiskFiles.writeFully(channel, head.encode(), offset);
      for (byte[] array : body) {
        at = DiskFiles.writeFully(channel, ByteBuffer.wrap(array), at);
      }
      sizeBytes = at;
    } catch (IOException e) {
      cut(offset, e);
      throw e;
    }
    return offset;
  }

  private void cut(long endBytes, IOException why) {
    try {
      channel.truncate(endBytes);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  BlobHead head(long offset) throws IOException {
    long leftBytes = channel.size() - offset;
    ByteBuffer first = read(offset, (int) Math.min(GUESS_BYTES, leftBytes));
    if (first.capacity() < BlobHead.FIXED_BYTES) {
      throw new EOFException("a blob's head ends with the file");
    }
    BlobHead.Lengths lengths = BlobHead.lengths(first, leftBytes);
    ByteBuffer all =
        lengths.headBytes() <= first.capacity() ? first : read(offset, lengths.headBytes());
    return BlobHead.decode(all, lengths);
  }

  /**
   * Some pieces of a blob, compared with their checksums.
   *
   * @param bodyOffset where the blob's own bytes begin
   */
  byte[] pieces(long bodyOffset, BlobHead head, int from, int to) throws IOException {
    long begin = (long) from * BlobHead.PIECE_BYTES;
    long end = Math.min((long) to * BlobHead.PIECE_BYTES, head.bodyBytes());
    byte[] bytes = read(bodyOffset + begin, (int) (end - begin)).array();
    for (int piece = from, at = 0; piece < to; piece++, at += BlobHead.PIECE_BYTES) {
      int size = Math.min(BlobHead.PIECE_BYTES, bytes.length - at);
      if (BlobHead.sum(bytes, at, size) != head.pieceSums()[piece]) {
        throw new IOException("a blob is not what was written");
      }
    }
    return bytes;
  }

  private ByteBuffer read(long offset, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.max(0, size));
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new EOFException("the file ends at " + (offset + bytes.position()));
      }
    }
    return bytes;
  }

  /** Tells of every blob that is whole; what stands behind the last one is left over by a crash. */
  void scan(Found found) throws IOException {
    long endBytes = channel.size();
    long at = 0;
    while (at < endBytes) {
      BlobHead head;
      try {
        head = head(at);
      } catch (IOException e) {
        return;
      }
      found.blob(at, head);
      at += head.lengths().allBytes();
    }
  }

  /** True when the name is this one. */
  static boolean isNamed(BlobHead head, byte[] name) {
    return Arrays.equals(head.name(), name);
  }

  void close() throws IOException {
    channel.close();
  }

  /** Those who read it fail. */
  void delete() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
