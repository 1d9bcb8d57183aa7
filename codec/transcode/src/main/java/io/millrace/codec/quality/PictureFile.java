package io.millrace.codec.quality;

import io.millrace.codec.Picture;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Pictures in a file as they are, YUV4MPEG2 (mjpegtools, yuv4mpeg(5)): a line that tells the size,
 * then of each picture a line and its planes. Confined to one thread.
 */
public final class PictureFile implements AutoCloseable {
  private static final byte[] FRAME = "FRAME\n".getBytes(StandardCharsets.US_ASCII);

  private final FileChannel file;
  private final ByteBuffer rows;

  /** Makes the file, which must not be there. */
  public PictureFile(Path path, int width, int height) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    int chroma = 2 * ((width + 1) / 2) * ((height + 1) / 2);
    rows = ByteBuffer.allocate(FRAME.length + width * height + chroma);
    String header = "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C420jpeg\n".formatted(width, height);
    write(ByteBuffer.wrap(header.getBytes(StandardCharsets.US_ASCII)));
  }

  /**
   * Adds a picture of the file's size.
   *
   * @param picture borrowed
   */
  public void add(Picture picture) throws IOException {
    rows.clear();
    rows.put(FRAME);
    MemorySegment target = MemorySegment.ofBuffer(ByteBuffer.wrap(rows.array()));
    long at = FRAME.length;
    for (int plane = 0; plane < 3; plane++) {
      MemorySegment source = picture.plane(plane);
      int width = picture.planeWidth(plane);
      for (int row = 0; row < picture.planeHeight(plane); row++) {
        MemorySegment.copy(source, (long) row * picture.stride(plane), target, at, width);
        at += width;
      }
    }
    rows.position(0).limit((int) at);
    write(rows);
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
