package io.millrace.server.ingest;

import io.millrace.media.TrackFormat;
import io.millrace.media.h264.AccessUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.netty.buffer.ByteBuf;

/** H.264: avcC, and length-prefixed NAL units, which are a sample's payload as they are. */
final class AvcSyntax implements VideoSyntax {
  private final int lengthSize;
  private TrackFormat.Video format;

  AvcSyntax(byte[] record) {
    AvcConfiguration configuration = AvcConfiguration.parse(record);
    lengthSize = configuration.lengthSize();
    format = configuration.toFormat();
  }

  @Override
  public TrackFormat.Video format() {
    return format;
  }

  @Override
  public boolean isKey(ByteBuf frame, boolean flagged) {
    return AccessUnits.isIdr(frame, lengthSize);
  }

  @Override
  public TrackFormat.Video formatAt(ByteBuf keyFrame) {
    format = VideoFormats.shown(format, AccessUnits.display(keyFrame, lengthSize));
    return format;
  }

  @Override
  public ByteBuf payload(ByteBuf frame, boolean key) {
    return frame.retainedSlice();
  }
}
