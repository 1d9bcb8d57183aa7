package io.millrace.server.ingest;

import io.millrace.media.TrackFormat;
import io.millrace.media.hevc.AccessUnits;
import io.millrace.media.hevc.HevcConfiguration;
import io.netty.buffer.ByteBuf;

/** HEVC: hvcC, and length-prefixed NAL units, which are a sample's payload as they are. */
final class HevcSyntax implements VideoSyntax {
  private final int lengthSize;
  private TrackFormat.Video format;

  HevcSyntax(byte[] record) {
    HevcConfiguration configuration = HevcConfiguration.parse(record);
    lengthSize = configuration.lengthSize();
    format = configuration.toFormat();
  }

  @Override
  public TrackFormat.Video format() {
    return format;
  }

  @Override
  public boolean isKey(ByteBuf frame, boolean flagged) {
    return AccessUnits.isIrap(frame, lengthSize);
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
