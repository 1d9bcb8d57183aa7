package io.millrace.server.push;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.transport.rtmp.amf.Amf0Writer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The payload of a video metadata message (Enhanced RTMP v2, "Metadata Frame"), for pictures of
 * high dynamic range: the way back of {@link io.millrace.media.flv.ColourInfo}.
 */
final class ColourMetadata {
  private static final double CHROMATICITY_UNITS = 50_000;
  private static final double LUMINANCE_UNITS = 10_000;

  private ColourMetadata() {}

  /** Unpooled; empty where there is nothing that receivers need to be told. */
  static ByteBuf of(Colour colour) {
    Hdr hdr = colour.hdr();
    boolean high =
        hdr != null
            || colour.transfer() == Colour.TRANSFER_PQ
            || colour.transfer() == Colour.TRANSFER_HLG;
    if (!high) {
      return Unpooled.EMPTY_BUFFER;
    }
    Map<String, Object> info = new LinkedHashMap<>();
    info.put(
        "colorConfig",
        Map.of(
            "colorPrimaries", colour.primaries(),
            "transferCharacteristics", colour.transfer(),
            "matrixCoefficients", colour.matrix()));
    if (hdr != null && hdr.light() != null) {
      info.put("hdrCll", Map.of("maxCLL", hdr.light().maxCll(), "maxFall", hdr.light().maxFall()));
    }
    if (hdr != null && hdr.display() != null) {
      info.put("hdrMdcv", display(hdr.display()));
    }
    ByteBuf payload = Unpooled.buffer(512);
    Amf0Writer.writeAll(payload, List.of("colorInfo", info));
    return payload;
  }

  private static Map<String, Object> display(Hdr.MasteringDisplay display) {
    Map<String, Object> mdcv = new LinkedHashMap<>();
    mdcv.put("redX", display.redX() / CHROMATICITY_UNITS);
    mdcv.put("redY", display.redY() / CHROMATICITY_UNITS);
    mdcv.put("greenX", display.greenX() / CHROMATICITY_UNITS);
    mdcv.put("greenY", display.greenY() / CHROMATICITY_UNITS);
    mdcv.put("blueX", display.blueX() / CHROMATICITY_UNITS);
    mdcv.put("blueY", display.blueY() / CHROMATICITY_UNITS);
    mdcv.put("whitePointX", display.whiteX() / CHROMATICITY_UNITS);
    mdcv.put("whitePointY", display.whiteY() / CHROMATICITY_UNITS);
    mdcv.put("maxLuminance", display.maxLuminance() / LUMINANCE_UNITS);
    mdcv.put("minLuminance", display.minLuminance() / LUMINANCE_UNITS);
    return mdcv;
  }
}
