package io.millrace.codec.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.ShortPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table against the standards' own formulas, written down here once more in double precision.
 */
public class ToneMapTest {
  private static final Colour PQ = new Colour(9, Colour.TRANSFER_PQ, 9, false);
  private static final Colour HLG = new Colour(9, Colour.TRANSFER_HLG, 9, false);

  @ParameterizedTest
  @CsvSource({"16, 1000", "16, 4000", "18, 1000"})
  void greysAreMappedAsTheFormulasSay(int transfer, int peakNits) {
    Colour source = source(transfer, peakNits);
    for (int code = 64; code <= 940; code++) {
      int[] out = mapped(source, code, 512, 512);
      double[] expected = reference(transfer, peakNits, code, 512, 512);
      assertThat((double) out[0]).as("code %d", code).isCloseTo(expected[0], within(1.0));
      assertThat(out[1]).isBetween(127, 129);
      assertThat(out[2]).isBetween(127, 129);
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 1000", "16, 4000", "18, 1000"})
  void coloursAreMappedAsTheFormulasSay(int transfer, int peakNits) {
    Colour source = source(transfer, peakNits);
    Random random = new Random(5);
    double most = transfer == Colour.TRANSFER_HLG ? 1 : pq(peakNits);
    List<Double> off = new ArrayList<>();
    int count = 2000;
    for (int i = 0; i < count; i++) {
      // R', G', B' of BT.2020: every colour that a source may have, saturated ones among them.
      double r = most * (i % 4 == 0 ? random.nextInt(2) * 0.8 : random.nextDouble());
      double g = most * (i % 4 == 0 ? random.nextInt(2) * 0.8 : random.nextDouble());
      double b = most * (i % 4 == 0 ? random.nextInt(2) * 0.8 : random.nextDouble());
      double luma = 0.2627 * r + 0.6780 * g + 0.0593 * b;
      int y = (int) Math.round(64 + 876 * luma);
      int cb = (int) Math.round(512 + 896 * (b - luma) / 1.8814);
      int cr = (int) Math.round(512 + 896 * (r - luma) / 1.4746);
      int[] out = mapped(source, y, cb, cr);
      double[] expected = reference(transfer, peakNits, y, cb, cr);
      for (int k = 0; k < 3; k++) {
        off.add(Math.abs(out[k] - expected[k]));
      }
    }
    Collections.sort(off);
    assertThat(off.stream().mapToDouble(Double::doubleValue).average().orElseThrow())
        .isLessThan(0.8);
    // What is left are the darkest components of fully saturated colours, where the curve is steep.
    assertThat(off.get(off.size() * 95 / 100)).isLessThan(5);
  }

  @Test
  void referenceWhiteIsBrightAndNothingIsBrighterThanThePeak() {
    int white = (int) Math.round(64 + 876 * pq(203));
    assertThat(mapped(PQ, white, 512, 512)[0]).isBetween(205, 222);
    assertThat(mapped(PQ, (int) Math.round(64 + 876 * pq(1000)), 512, 512)[0]).isEqualTo(235);
    assertThat(mapped(PQ, 940, 512, 512)[0]).isEqualTo(235);
    assertThat(mapped(PQ, 64, 512, 512)[0]).isEqualTo(16);
    // ITU-R BT.2408: 75 % of HLG is reference white too.
    assertThat(mapped(HLG, 64 + 657, 512, 512)[0]).isBetween(205, 222);
  }

  @Test
  void thePeakComesFromTheMetadataInSteps() {
    assertThat(ToneMap.peakNits(PQ)).isEqualTo(1000);
    assertThat(ToneMap.peakNits(source(16, 4000))).isEqualTo(4000);
    assertThat(ToneMap.peakNits(PQ.withHdr(new Hdr(null, new Hdr.ContentLight(1240, 300)))))
        .isEqualTo(1200);
    assertThat(ToneMap.peakNits(PQ.withHdr(new Hdr(null, new Hdr.ContentLight(65_535, 300)))))
        .isEqualTo(10_000);
    assertThat(ToneMap.takes(new Colour(9, 16, 14, false))).isFalse();
    assertThat(ToneMap.takes(new Colour(1, 1, 1, false))).isFalse();
  }

  private static Colour source(int transfer, int peakNits) {
    Colour plain = new Colour(9, transfer, 9, false);
    return transfer == Colour.TRANSFER_HLG || peakNits == 1000
        ? plain
        : plain.withHdr(
            new Hdr(
                new Hdr.MasteringDisplay(0, 0, 0, 0, 0, 0, 0, 0, peakNits * 10_000L, 50), null));
  }

  /** One colour through the whole path: frame, mapper, picture. */
  private static int[] mapped(Colour source, int y, int cb, int cr) {
    NativeAccount account = new NativeAccount();
    AVFrame frame = av_frame_alloc();
    frame.width(16).height(16).format(AV_PIX_FMT_YUV420P10);
    Ffmpeg.check(av_frame_get_buffer(frame, 64), "av_frame_get_buffer");
    int[] codes = {y, cb, cr};
    for (int plane = 0; plane < 3; plane++) {
      int rows = plane == 0 ? 16 : 8;
      try (ShortPointer samples = new ShortPointer(frame.data(plane))) {
        for (int i = 0; i < frame.linesize(plane) / 2 * rows; i++) {
          samples.put(i, (short) codes[plane]);
        }
      }
    }
    int[] out = new int[3];
    try (PictureScaler scaler = new PictureScaler(16, 16, 0, ToneMap.of(source), account)) {
      Picture picture = scaler.convert(new FfmpegFrame(frame), source);
      assertThat(picture.colour()).isEqualTo(new Colour(1, 1, 1, false));
      for (int plane = 0; plane < 3; plane++) {
        out[plane] = picture.plane(plane).get(ValueLayout.JAVA_BYTE, picture.stride(plane)) & 0xFF;
      }
      picture.release();
    }
    av_frame_free(frame);
    assertThat(account.handles()).isZero();
    assertThat(account.pictureBytes()).isZero();
    return out;
  }

  private static double pq(double nits) {
    double l = Math.pow(nits / 10_000, 0.1593017578125);
    return Math.pow((0.8359375 + 18.8515625 * l) / (1 + 18.6875 * l), 78.84375);
  }

  private static double nits(double pq) {
    double e = Math.pow(pq, 1 / 78.84375);
    return 10_000
        * Math.pow(Math.max(e - 0.8359375, 0) / (18.8515625 - 18.6875 * e), 1 / 0.1593017578125);
  }

  private static double hlg(double e) {
    return e <= 0.5 ? e * e / 3 : (Math.exp((e - 0.55991073) / 0.17883277) + 0.28466892) / 12;
  }

  private static double clamp(double value) {
    return Math.max(0, Math.min(1, value));
  }

  /** Limited-range 8-bit codes, unrounded, of limited-range 10-bit ones. */
  public static double[] reference(int transfer, int peakNits, int y, int cb, int cr) {
    double luma = (y - 64) / 876.0;
    double red = luma + 1.4746 * (cr - 512) / 896.0;
    double blue = luma + 1.8814 * (cb - 512) / 896.0;
    double green = (luma - 0.2627 * red - 0.0593 * blue) / 0.6780;
    double[] rgb = {clamp(red), clamp(green), clamp(blue)};
    if (transfer == Colour.TRANSFER_PQ) {
      for (int i = 0; i < 3; i++) {
        rgb[i] = Math.min(peakNits, nits(rgb[i]));
      }
    } else {
      for (int i = 0; i < 3; i++) {
        rgb[i] = hlg(rgb[i]);
      }
      double luminance = 0.2627 * rgb[0] + 0.6780 * rgb[1] + 0.0593 * rgb[2];
      for (int i = 0; i < 3; i++) {
        rgb[i] *= 1000 * Math.pow(Math.max(luminance, 1e-9), 0.2);
      }
    }
    double most = Math.max(rgb[0], Math.max(rgb[1], rgb[2]));
    double maxLum = pq(203) / pq(peakNits);
    double ks = 1.5 * maxLum - 0.5;
    double e1 = pq(most) / pq(peakNits);
    double e2 = e1;
    if (e1 >= ks) {
      double t = (Math.min(e1, 1) - ks) / (1 - ks);
      e2 =
          (2 * t * t * t - 3 * t * t + 1) * ks
              + (t * t * t - 2 * t * t + t) * (1 - ks)
              + (-2 * t * t * t + 3 * t * t) * maxLum;
    }
    double gain = most == 0 ? 0 : nits(e2 * pq(peakNits)) / most / 203;
    double r = gain * (1.6605 * rgb[0] - 0.5876 * rgb[1] - 0.0728 * rgb[2]);
    double g = gain * (-0.1246 * rgb[0] + 1.1329 * rgb[1] - 0.0083 * rgb[2]);
    double b = gain * (-0.0182 * rgb[0] - 0.1006 * rgb[1] + 1.1187 * rgb[2]);
    double grey = clamp(0.2126 * r + 0.7152 * g + 0.0722 * b);
    double share = 1;
    for (double value : new double[] {r, g, b}) {
      share = Math.min(share, value > 1 ? (1 - grey) / (value - grey) : 1);
      share = Math.min(share, value < 0 ? grey / (grey - value) : 1);
    }
    r = Math.pow(clamp(grey + share * (r - grey)), 1 / 2.4);
    g = Math.pow(clamp(grey + share * (g - grey)), 1 / 2.4);
    b = Math.pow(clamp(grey + share * (b - grey)), 1 / 2.4);
    double out = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return new double[] {
      16 + 219 * out, 128 + 224 * (b - out) / 1.8556, 128 + 224 * (r - out) / 1.5748
    };
  }
}
