package io.millrace.media.flv;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColourInfoTest {
  private static final Hdr.MasteringDisplay DISPLAY =
      new Hdr.MasteringDisplay(
          34_000, 16_000, 13_250, 34_500, 7_500, 3_000, 15_635, 16_450, 10_000_000, 50);

  private static Map<String, Object> display() {
    Map<String, Object> mdcv = new HashMap<>();
    mdcv.put("redX", 0.68);
    mdcv.put("redY", 0.32);
    mdcv.put("greenX", 0.265);
    mdcv.put("greenY", 0.69);
    mdcv.put("blueX", 0.15);
    mdcv.put("blueY", 0.06);
    mdcv.put("whitePointX", 0.3127);
    mdcv.put("whitePointY", 0.329);
    mdcv.put("maxLuminance", 1000.0);
    mdcv.put("minLuminance", 0.005);
    return mdcv;
  }

  @Test
  void everythingThatIsSaidCounts() {
    Colour colour =
        ColourInfo.apply(
            Map.of(
                "colorConfig",
                Map.of(
                    "bitDepth", 10.0,
                    "colorPrimaries", 9.0,
                    "transferCharacteristics", 16.0,
                    "matrixCoefficients", 9.0),
                "hdrCll",
                Map.of("maxCLL", 1000.0, "maxFall", 400.4),
                "hdrMdcv",
                display()),
            Colour.UNSPECIFIED);
    assertThat(colour)
        .isEqualTo(new Colour(9, 16, 9, false, new Hdr(DISPLAY, new Hdr.ContentLight(1_000, 400))));
  }

  @Test
  void whatIsNotSaidComesFromTheBitstream() {
    Hdr hdr = new Hdr(DISPLAY, new Hdr.ContentLight(1, 2));
    Colour bitstream = new Colour(9, 18, 9, true, hdr);
    assertThat(ColourInfo.apply(Map.of(), bitstream)).isEqualTo(bitstream);
    assertThat(
            ColourInfo.apply(
                Map.of("colorConfig", Map.of("colorPrimaries", 2.0, "bitDepth", 8.0)), bitstream))
        .isEqualTo(bitstream);
    assertThat(ColourInfo.apply(Map.of("hdrCll", Map.of("maxCLL", 600.0)), bitstream).hdr())
        .isEqualTo(new Hdr(DISPLAY, new Hdr.ContentLight(600, 0)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, -1, 256, 1.5, Double.POSITIVE_INFINITY})
  void nonsenseIsAsIfNotSent(double value) {
    Map<String, Object> mdcv = display();
    mdcv.put("redX", value);
    Map<String, Object> info =
        Map.of(
            "colorConfig", Map.of("colorPrimaries", value, "transferCharacteristics", "pq"),
            "hdrCll", Map.of("maxCLL", Math.min(value, 0), "maxFall", true),
            "hdrMdcv", mdcv);
    assertThat(ColourInfo.apply(info, Colour.UNSPECIFIED)).isEqualTo(Colour.UNSPECIFIED);
    mdcv.put("redX", 0.6);
    mdcv.put("minLuminance", 2_000.0);
    assertThat(ColourInfo.apply(Map.of("hdrMdcv", mdcv), Colour.UNSPECIFIED))
        .isEqualTo(Colour.UNSPECIFIED);
  }
}
