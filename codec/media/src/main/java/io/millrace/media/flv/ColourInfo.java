package io.millrace.media.flv;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code colorInfo} object of a {@link VideoTag.Metadata} (Enhanced RTMP v2, "Metadata Frame"),
 * as AMF decodes it: maps of names to numbers.
 *
 * <pre>
 * colorConfig  bitDepth colorPrimaries transferCharacteristics matrixCoefficients
 * hdrCll       maxFall maxCLL                                             cd/m²
 * hdrMdcv      redX redY greenX greenY blueX blueY whitePointX whitePointY maxLuminance minLuminance
 * </pre>
 *
 * A property that is missing, no number, or out of its range is as if not sent: it is a hint to a
 * display, not worth a session.
 */
public final class ColourInfo {
  private static final int UNSPECIFIED = 2;
  private static final double CHROMATICITY_UNITS = 50_000;
  private static final double LUMINANCE_UNITS = 10_000;
  private static final double MAXIMUM_LUMINANCE = 10_000;

  private ColourInfo() {}

  /**
   * The colour of the track's next pictures: what {@code colorInfo} says, and elsewhere what the
   * bitstream does.
   *
   * @param colorInfo the object, decoded
   * @param bitstream the colour that the codec's own configuration gives
   */
  public static Colour apply(Map<?, ?> colorInfo, Colour bitstream) {
    Map<?, ?> config = object(colorInfo, "colorConfig");
    Hdr coded = bitstream.hdr();
    Hdr.MasteringDisplay display = display(object(colorInfo, "hdrMdcv"));
    Hdr.ContentLight light = light(object(colorInfo, "hdrCll"));
    if (display == null && coded != null) {
      display = coded.display();
    }
    if (light == null && coded != null) {
      light = coded.light();
    }
    return new Colour(
        codePoint(config, "colorPrimaries", bitstream.primaries()),
        codePoint(config, "transferCharacteristics", bitstream.transfer()),
        codePoint(config, "matrixCoefficients", bitstream.matrix()),
        bitstream.fullRange(),
        display == null && light == null ? null : new Hdr(display, light));
  }

  private static Map<?, ?> object(Map<?, ?> from, String name) {
    return from.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static double number(Map<?, ?> from, String name) {
    return from.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static int codePoint(Map<?, ?> config, String name, int otherwise) {
    double value = number(config, name);
    boolean said = value >= 0 && value <= 255 && value != UNSPECIFIED;
    return said && value == Math.rint(value) ? (int) value : otherwise;
  }

  private static Hdr.@Nullable MasteringDisplay display(Map<?, ?> mdcv) {
    int[] xy = new int[8];
    String[] names = {
      "redX", "redY", "greenX", "greenY", "blueX", "blueY", "whitePointX", "whitePointY"
    };
    for (int i = 0; i < xy.length; i++) {
      double value = number(mdcv, names[i]);
      if (!(value >= 0 && value <= 1)) {
        return null;
      }
      xy[i] = (int) Math.round(value * CHROMATICITY_UNITS);
    }
    double maximum = number(mdcv, "maxLuminance");
    double minimum = number(mdcv, "minLuminance");
    if (!(minimum >= 0 && minimum < maximum && maximum <= MAXIMUM_LUMINANCE)) {
      return null;
    }
    return new Hdr.MasteringDisplay(
        xy[0],
        xy[1],
        xy[2],
        xy[3],
        xy[4],
        xy[5],
        xy[6],
        xy[7],
        Math.round(maximum * LUMINANCE_UNITS),
        Math.round(minimum * LUMINANCE_UNITS));
  }

  private static Hdr.@Nullable ContentLight light(Map<?, ?> cll) {
    double maxCll = number(cll, "maxCLL");
    double maxFall = number(cll, "maxFall");
    boolean said = inRange(maxCll) || inRange(maxFall);
    return said ? new Hdr.ContentLight(rounded(maxCll), rounded(maxFall)) : null;
  }

  private static boolean inRange(double candelas) {
    return candelas > 0 && candelas <= MAXIMUM_LUMINANCE;
  }

  /** 0 means unknown in the content light level message. */
  private static int rounded(double candelas) {
    return inRange(candelas) ? (int) Math.round(candelas) : 0;
  }
}
