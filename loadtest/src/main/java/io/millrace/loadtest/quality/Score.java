package io.millrace.loadtest.quality;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How like its source a clip is: means over its pictures.
 *
 * @param vmaf 0 to 100, model vmaf_v0.6.1
 * @param psnrY of luma, in dB
 * @param ssim of luma, 0 to 1
 */
record Score(double vmaf, double psnrY, double ssim) {
  /** What a curve is drawn over. */
  enum Metric {
    VMAF("VMAF", "%.2f", Score::vmaf),
    PSNR("PSNR-Y, dB", "%.2f", Score::psnrY),
    SSIM("SSIM", "%.4f", Score::ssim);

    private final String title;
    private final String format;

    @SuppressWarnings("ImmutableEnumChecker") // a method reference
    private final ToDoubleFunction<Score> value;

    Metric(String title, String format, ToDoubleFunction<Score> value) {
      this.title = title;
      this.format = format;
      this.value = value;
    }

    String title() {
      return title;
    }

    double of(Score score) {
      return value.applyAsDouble(score);
    }

    String text(Score score) {
      return String.format(Locale.ROOT, format, of(score));
    }
  }
}
