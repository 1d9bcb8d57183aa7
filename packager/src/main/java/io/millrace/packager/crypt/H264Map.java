package io.millrace.packager.crypt;

import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.h264.NalUnits;
import io.millrace.media.h264.SliceHeaders;
import io.netty.buffer.ByteBuf;

/**
 * H.264: slice data is encrypted; lengths, NAL unit and slice headers and all other NAL units are
 * clear (ISO/IEC 23001-7 §9.5.2, §10.4.2; ISO/IEC 23000-19 §8.2.2.2).
 */
final class H264Map implements SampleMap {
  private final int lengthSize;
  private final SliceHeaders headers;

  H264Map(AvcConfiguration configuration) {
    this.lengthSize = configuration.lengthSize();
    this.headers = new SliceHeaders(configuration);
  }

  @Override
  public void map(ByteBuf sample, Ranges ranges) {
    NalUnits nals = NalUnits.lengthPrefixed(sample, lengthSize);
    while (nals.next()) {
      ranges.clear(lengthSize);
      int type = nals.type();
      if (SliceHeaders.isSliceData(type)) {
        byte[] start = new byte[SliceHeaders.neededBytes(nals.sizeBytes())];
        sample.getBytes(nals.offset(), start);
        int headerBytes = headers.sizeBytes(start);
        ranges.clear(headerBytes);
        ranges.protect(nals.sizeBytes() - headerBytes);
      } else {
        if (type == NalUnits.SPS || type == NalUnits.PPS) {
          headers.parameterSet(nals.copy());
        }
        ranges.clear(nals.sizeBytes());
      }
    }
  }
}
