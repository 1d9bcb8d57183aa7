package io.millrace.loadtest.publish;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An FLV file in memory, the form that RTMP sends media in.
 *
 * @param tags audio and video, in the order of the file
 * @param durationMs from the first time to the end of the last frame: where a repetition starts
 */
public record FlvClip(List<Tag> tags, long durationMs) {
  private static final long MAX_BYTES = 1L << 30;
  private static final int FILLER_NAL = 12;

  /** Length, type and trailing bits of a NAL unit of filler data. */
  private static final int FILLER_BYTES = 6;

  /** Which message a tag becomes. */
  public enum Kind {
    AUDIO,
    VIDEO
  }

  /**
   * One tag.
   *
   * @param timestampMs from the clip's first tag
   * @param body AUDIODATA or VIDEODATA; unpooled, shared by all, read-only: pass duplicates on
   */
  public record Tag(Kind kind, long timestampMs, ByteBuf body) {
    /** True for a decoder configuration: AVCPacketType or AACPacketType 0 (§E.4.3.1, §E.4.2.1). */
    public boolean isConfiguration() {
      return body.readableBytes() > 1 && body.getByte(body.readerIndex() + 1) == 0;
    }
  }

  /** Copies the list of tags. */
  public FlvClip {
    tags = List.copyOf(tags);
  }

  /**
   * The same with all pictures of H.264 of at least this size, by filler data (ITU-T H.264
   * §7.3.2.7) behind them: a rate that does not depend on what is shown.
   *
   * @param frameBytes of a tag's body
   */
  public FlvClip padded(int frameBytes) {
    return new FlvClip(tags.stream().map(tag -> padded(tag, frameBytes)).toList(), durationMs);
  }

  private static Tag padded(Tag tag, int frameBytes) {
    int missing = frameBytes - tag.body.readableBytes() - FILLER_BYTES;
    if (tag.kind != Kind.VIDEO || tag.isConfiguration() || missing < 0) {
      return tag;
    }
    ByteBuf body = Unpooled.buffer(frameBytes).writeBytes(tag.body.duplicate());
    body.writeInt(missing + 2).writeByte(FILLER_NAL);
    for (int i = 0; i < missing; i++) {
      body.writeByte(0xff);
    }
    body.writeByte(0x80); // rbsp_trailing_bits
    return new Tag(tag.kind, tag.timestampMs, body.asReadOnly());
  }

  /**
   * Reads a whole file.
   *
   * @throws IOException when it cannot be read, is no FLV, has no media, or is larger than 1 GiB
   */
  public static FlvClip read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + " is larger than 1 GiB");
    }
    try (FlvReader reader = FlvReader.open(file)) {
      return of(reader);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a file's bytes; a tag that is cut off at the end is left out.
   *
   * @throws IllegalArgumentException when it is no FLV, or has no media
   */
  public static FlvClip parse(ByteBuf bytes) {
    try (FlvReader reader = new FlvReader(new ByteBufInputStream(bytes.duplicate()))) {
      return of(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FlvClip of(FlvReader reader) throws IOException {
    List<Tag> tags = new ArrayList<>();
    for (Tag tag = reader.next(); tag != null; tag = reader.next()) {
      tags.add(tag);
    }
    if (tags.isEmpty()) {
      throw new IllegalArgumentException("no media in this FLV file");
    }
    return new FlvClip(tags, Math.max(endMs(tags, Kind.VIDEO), endMs(tags, Kind.AUDIO)));
  }

  /** The last frame is taken to last as long as the others do on average. */
  private static long endMs(List<Tag> tags, Kind kind) {
    List<Tag> frames =
        tags.stream().filter(tag -> tag.kind() == kind && !tag.isConfiguration()).toList();
    if (frames.size() < 2) {
      return 1;
    }
    long firstMs = frames.getFirst().timestampMs();
    long lastMs = frames.getLast().timestampMs();
    return lastMs + Math.max(1, Math.round((double) (lastMs - firstMs) / (frames.size() - 1)));
  }
}
