package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.vp9.FrameHeader;
import io.millrace.media.vp9.Vp9Configuration;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * VP9: vpcC, and superframes, which are a sample's payload as they are. The size of the picture
 * stands in key frames only.
 */
final class Vp9Syntax implements VideoSyntax {
  private final @Nullable Vp9Configuration configuration;
  private @Nullable FrameHeader header;
  private TrackFormat.@Nullable Video format;

  /**
   * @param record vpcC; empty where the sender leaves it to the key frames
   */
  Vp9Syntax(byte[] record) {
    configuration = record.length == 0 ? null : Vp9Configuration.parse(record);
  }

  @Override
  public TrackFormat.@Nullable Video format() {
    return format;
  }

  @Override
  public boolean isKey(ByteBuf frame, boolean flagged) {
    return FrameHeader.isKeyFrame(frame);
  }

  @Override
  public TrackFormat.Video formatAt(ByteBuf keyFrame) {
    FrameHeader found = FrameHeader.ofKeyFrame(keyFrame);
    if (found == null) {
      throw MediaFormatException.malformed("VP9 frame header: no key frame");
    }
    TrackFormat.Video known = format;
    if (known != null && found.equals(header)) {
      return known;
    }
    Vp9Configuration described =
        configuration != null ? configuration : Vp9Configuration.of(found, null);
    TrackFormat.Video next = described.toFormat(found);
    header = found;
    format = next;
    return next;
  }

  @Override
  public ByteBuf payload(ByteBuf frame, boolean key) {
    return frame.retainedSlice();
  }
}
