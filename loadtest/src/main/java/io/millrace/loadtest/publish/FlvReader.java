package io.millrace.loadtest.publish;

import io.millrace.loadtest.publish.FlvClip.Kind;
import io.millrace.loadtest.publish.FlvClip.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An FLV file, tag by tag (FLV v10.1 §E.2 to §E.4).
 *
 * <pre>
 * "FLV" 1 | version 1 | flags 1 | header size 4 | 0 4
 * then tags: type 1 | data size 3 | timestamp low 3 | timestamp high 1 | stream id 3 | data | tag size 4
 * </pre>
 */
public final class FlvReader implements AutoCloseable {
  private static final int FLV = 0x464C56;
  private static final int HEADER_BYTES = 9;
  private static final int TAG_HEADER_BYTES = 11;
  private static final int TAG_TRAILER_BYTES = 4;
  private static final int TYPE_AUDIO = 8;
  private static final int TYPE_VIDEO = 9;

  private final InputStream in;
  private boolean begun;
  private long firstMs;

  /**
   * Owns the stream.
   *
   * @throws IllegalArgumentException when it is no FLV
   */
  FlvReader(InputStream in) throws IOException {
    this.in = in;
    byte[] header = in.readNBytes(HEADER_BYTES);
    if (header.length < HEADER_BYTES || Unpooled.wrappedBuffer(header).getMedium(0) != FLV) {
      throw new IllegalArgumentException("not an FLV file");
    }
    long headerBytes = Unpooled.wrappedBuffer(header).getUnsignedInt(5);
    skip(Math.max(0, headerBytes - HEADER_BYTES) + TAG_TRAILER_BYTES);
  }

  /**
   * @throws IllegalArgumentException when it is no FLV
   */
  public static FlvReader open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    try {
      return new FlvReader(in);
    } catch (IOException | IllegalArgumentException e) {
      in.close();
      throw e;
    }
  }

  /** The next audio or video tag; null at the end, and where the file is cut off. */
  public @Nullable Tag next() throws IOException {
    while (true) {
      byte[] bytes = in.readNBytes(TAG_HEADER_BYTES);
      if (bytes.length < TAG_HEADER_BYTES) {
        return null;
      }
      ByteBuf header = Unpooled.wrappedBuffer(bytes);
      int type = header.getByte(0) & 0x1F;
      int size = header.getUnsignedMedium(1);
      long timeMs = header.getUnsignedMedium(4) | (long) header.getUnsignedByte(7) << 24;
      byte[] body = in.readNBytes(size);
      if (body.length < size) {
        return null;
      }
      skip(TAG_TRAILER_BYTES);
      if (size > 0 && (type == TYPE_AUDIO || type == TYPE_VIDEO)) {
        firstMs = begun ? firstMs : timeMs;
        begun = true;
        Kind kind = type == TYPE_VIDEO ? Kind.VIDEO : Kind.AUDIO;
        return new Tag(kind, timeMs - firstMs, Unpooled.wrappedBuffer(body).asReadOnly());
      }
    }
  }

  /** The rest, read as it is asked for; to be closed. */
  public Stream<Tag> tags() {
    return Stream.generate(this::nextUnchecked)
        .takeWhile(Objects::nonNull)
        .map(Objects::requireNonNull)
        .onClose(this::closeUnchecked);
  }

  private @Nullable Tag nextUnchecked() {
    try {
      return next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void closeUnchecked() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** To the end at most. */
  private void skip(long bytes) throws IOException {
    try {
      in.skipNBytes(bytes);
    } catch (EOFException _) {
      // What follows is nothing.
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
