package io.millrace.codec.ffmpeg;

import io.millrace.codec.Picture;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * High dynamic range to standard: limited-range 10-bit Y'CbCr in PQ or HLG to limited-range 8-bit
 * BT.709.
 *
 * <p>What is computed is a chain of {@link ToneCurve} in double precision: to display light (SMPTE
 * ST 2084, or ARIB STD-B67 with the OOTF of ITU-R BT.2100 for a display of 1000 cd/m²), the
 * electrical curve of ITU-R BT.2390 §5.4.1 down to reference white (203 cd/m², ITU-R BT.2408),
 * which leaves what is below its knee as it is, on the largest of R, G and B so that hues stay;
 * BT.2020 to BT.709, what lies outside drawn towards grey of its own luminance; ITU-R BT.1886's
 * inverse.
 *
 * <p>How: the chain is sampled once per kind of source into a table of {@value #NODES}³ nodes over
 * R', G' and B', so that its cells end where the colours of the source do, and each picture is
 * interpolated in it tetrahedrally: four look-ups a sample of luma. The three results of a node are
 * lanes of one long, and weights are integers, so that one multiplication serves all three. Every
 * sample of luma uses the chroma of its block of four; the block's own chroma is the mean of the
 * four results, which keeps coloured edges from bleeding.
 *
 * <p>Immutable; tables are shared. {@link #apply} may run on any thread.
 */
public final class ToneMap {
  /** What comes out: BT.709, limited range. */
  public static final Colour OUTPUT = new Colour(1, 1, 1, false);

  private static final int NODES = 65;
  private static final int MAX_TABLES = 16;

  /** R', G' and B' count 4096 steps: 64 from node to node, which are the weights of a cell. */
  private static final int SIGNAL_BITS = 12;

  private static final int SIGNAL_MAX = (1 << SIGNAL_BITS) - 1;
  private static final int CELL_BITS = 6;
  private static final int CELL = 1 << CELL_BITS;

  /** A lane is 8 bits of picture, 7 of fraction and the 6 of a weight: 21. */
  private static final int LANE_BITS = 21;

  private static final int FRACTION_BITS = 7;
  private static final int SCALE = 1 << FRACTION_BITS;
  private static final int CB_LANE = LANE_BITS;
  private static final int CR_LANE = 2 * LANE_BITS;
  private static final int LANE_MASK = (1 << LANE_BITS) - 1;

  /** After weights, and after four of them are added. */
  private static final int LUMA_OUT_SHIFT = FRACTION_BITS + CELL_BITS;

  private static final int LUMA_HALF = 1 << (LUMA_OUT_SHIFT - 1);
  private static final int CHROMA_OUT_SHIFT = LUMA_OUT_SHIFT + 2;
  private static final int CHROMA_HALF = 1 << (CHROMA_OUT_SHIFT - 1);

  private static final int RED_STEP = NODES * NODES;
  private static final int GREEN_STEP = NODES;
  private static final int BLUE_STEP = 1;

  private static final int ALL_STEPS = RED_STEP + GREEN_STEP + BLUE_STEP;
  private static final int STEP_BITS = 16;
  private static final int STEP_MASK = (1 << STEP_BITS) - 1;

  /** Fixed point of the matrix from Y'CbCr. */
  private static final int MATRIX_BITS = 14;

  private static final int BLACK_CODE = 64;
  private static final int GREY_CODE = 512;

  private static final ConcurrentHashMap<Kind, ToneMap> TABLES = new ConcurrentHashMap<>();

  private final long[] nodes;

  // Y'CbCr to R'G'B'.
  private final int fromLuma;
  private final int redFromCr;
  private final int greenFromCb;
  private final int greenFromCr;
  private final int blueFromCb;

  /** What a table depends on. */
  private record Kind(int primaries, int transfer, int matrix, int peakNits) {}

  private ToneMap(Kind kind) {
    ToneCurve curve = new ToneCurve(kind.primaries, kind.transfer, kind.peakNits);
    long[] table = new long[NODES * RED_STEP];
    double[] out = new double[3];
    double last = NODES - 1.0;
    for (int red = 0; red < NODES; red++) {
      for (int green = 0; green < NODES; green++) {
        for (int blue = 0; blue < NODES; blue++) {
          curve.map(red / last, green / last, blue / last, out);
          table[red * RED_STEP + green * GREEN_STEP + blue] =
              fixed(out[0]) | fixed(out[1]) << CB_LANE | fixed(out[2]) << CR_LANE;
        }
      }
    }
    this.nodes = table;
    double[] weights = ToneCurve.lumaWeights(kind.matrix);
    double one = Math.scalb(1.0, SIGNAL_BITS + MATRIX_BITS);
    double chroma = one / 896;
    this.fromLuma = (int) Math.round(one / 876);
    this.redFromCr = (int) Math.round(chroma * 2 * (1 - weights[0]));
    this.blueFromCb = (int) Math.round(chroma * 2 * (1 - weights[2]));
    this.greenFromCr = (int) Math.round(chroma * 2 * (1 - weights[0]) * weights[0] / weights[1]);
    this.greenFromCb = (int) Math.round(chroma * 2 * (1 - weights[2]) * weights[2] / weights[1]);
  }

  private static long fixed(double code) {
    return Math.round(Math.clamp(code, 0, 255) * SCALE);
  }

  /** True when {@code colour} is high dynamic range in a form that this maps. */
  public static boolean takes(Colour colour) {
    boolean hdr =
        colour.transfer() == Colour.TRANSFER_PQ || colour.transfer() == Colour.TRANSFER_HLG;
    return hdr && ToneCurve.knowsMatrix(colour.matrix());
  }

  /**
   * The map for a source; made in some tens of milliseconds, and kept.
   *
   * @param source {@link #takes} it; its {@link Hdr} says how bright it gets, or 1000 cd/m² is
   *     assumed
   */
  public static ToneMap of(Colour source) {
    if (!takes(source)) {
      throw new IllegalArgumentException("not tone-mapped: " + source);
    }
    Kind kind = new Kind(source.primaries(), source.transfer(), source.matrix(), peakNits(source));
    ToneMap known = TABLES.get(kind);
    if (known != null) {
      return known;
    }
    if (TABLES.size() >= MAX_TABLES) {
      TABLES.clear(); // a publisher can say any peak; those in use live on
    }
    return TABLES.computeIfAbsent(kind, ToneMap::new);
  }

  /** In steps of 100 cd/m², so that there are few tables. */
  static int peakNits(Colour source) {
    if (source.transfer() == Colour.TRANSFER_HLG) {
      return ToneCurve.USUAL_PEAK_NITS;
    }
    long nits = peakNits(source.hdr());
    return Math.toIntExact(Math.clamp((nits + 50) / 100 * 100, 400, 10_000));
  }

  private static long peakNits(@Nullable Hdr hdr) {
    if (hdr != null && hdr.light() != null && hdr.light().maxCll() > 0) {
      return hdr.light().maxCll();
    }
    if (hdr != null && hdr.display() != null && hdr.display().maxLuminance() > 0) {
      return hdr.display().maxLuminance() / 10_000;
    }
    return ToneCurve.USUAL_PEAK_NITS;
  }

  /**
   * Maps a picture.
   *
   * @param from 10-bit 4:2:0, limited range; borrowed
   * @param to of the same size, 8 bits; written
   */
  void apply(DeepPicture from, Picture to) {
    int width = to.width();
    int height = to.height();
    short[] upper = new short[width];
    short[] lower = new short[width];
    short[] cbRow = new short[width / 2];
    short[] crRow = new short[width / 2];
    byte[] upperOut = new byte[width];
    byte[] lowerOut = new byte[width];
    byte[] cbOut = new byte[width / 2];
    byte[] crOut = new byte[width / 2];
    for (int y = 0; y < height; y += 2) {
      from.row(0, y, upper);
      from.row(0, y + 1, lower);
      from.row(1, y / 2, cbRow);
      from.row(2, y / 2, crRow);
      mapRows(upper, lower, cbRow, crRow, upperOut, lowerOut, cbOut, crOut);
      DeepPicture.put(to, 0, y, upperOut);
      DeepPicture.put(to, 0, y + 1, lowerOut);
      DeepPicture.put(to, 1, y / 2, cbOut);
      DeepPicture.put(to, 2, y / 2, crOut);
    }
  }

  private void mapRows(
      short[] upper,
      short[] lower,
      short[] cbRow,
      short[] crRow,
      byte[] upperOut,
      byte[] lowerOut,
      byte[] cbOut,
      byte[] crOut) {
    long[] table = nodes;
    int half = 1 << (MATRIX_BITS - 1);
    for (int x = 0; x < cbRow.length; x++) {
      int cb = (cbRow[x] & 0x3FF) - GREY_CODE;
      int cr = (crRow[x] & 0x3FF) - GREY_CODE;
      int red = redFromCr * cr + half;
      int green = half - greenFromCb * cb - greenFromCr * cr;
      int blue = blueFromCb * cb + half;
      long a = at(table, fromLuma * ((upper[2 * x] & 0x3FF) - BLACK_CODE), red, green, blue);
      long b = at(table, fromLuma * ((upper[2 * x + 1] & 0x3FF) - BLACK_CODE), red, green, blue);
      long c = at(table, fromLuma * ((lower[2 * x] & 0x3FF) - BLACK_CODE), red, green, blue);
      long d = at(table, fromLuma * ((lower[2 * x + 1] & 0x3FF) - BLACK_CODE), red, green, blue);
      upperOut[2 * x] = luma(a);
      upperOut[2 * x + 1] = luma(b);
      lowerOut[2 * x] = luma(c);
      lowerOut[2 * x + 1] = luma(d);
      cbOut[x] = chroma(a, b, c, d, CB_LANE);
      crOut[x] = chroma(a, b, c, d, CR_LANE);
    }
  }

  private static byte luma(long lanes) {
    return (byte) ((((int) lanes & LANE_MASK) + LUMA_HALF) >> LUMA_OUT_SHIFT);
  }

  private static byte chroma(long a, long b, long c, long d, int lane) {
    int sum =
        ((int) (a >>> lane) & LANE_MASK)
            + ((int) (b >>> lane) & LANE_MASK)
            + ((int) (c >>> lane) & LANE_MASK)
            + ((int) (d >>> lane) & LANE_MASK);
    return (byte) ((sum + CHROMA_HALF) >> CHROMA_OUT_SHIFT);
  }

  /**
   * Tetrahedral: from the cell's near corner to its far one along the axes in the order of their
   * fractions, so that greys come from greys only.
   */
  private static long at(long[] table, int luma, int redPart, int greenPart, int bluePart) {
    int red = clamp((luma + redPart) >> MATRIX_BITS);
    int green = clamp((luma + greenPart) >> MATRIX_BITS);
    int blue = clamp((luma + bluePart) >> MATRIX_BITS);
    int near =
        (red >> CELL_BITS) * RED_STEP
            + (green >> CELL_BITS) * GREEN_STEP
            + (blue >> CELL_BITS) * BLUE_STEP;
    // The axes by their fractions, without a branch: a fraction stands above its step in one int.
    int redKey = (red & (CELL - 1)) << STEP_BITS | RED_STEP;
    int greenKey = (green & (CELL - 1)) << STEP_BITS | GREEN_STEP;
    int blueKey = (blue & (CELL - 1)) << STEP_BITS | BLUE_STEP;
    int upperPair = Math.max(redKey, greenKey);
    int lowerPair = Math.min(redKey, greenKey);
    int firstKey = Math.max(upperPair, blueKey);
    int thirdKey = Math.min(lowerPair, blueKey);
    int secondKey = Math.max(lowerPair, Math.min(upperPair, blueKey));
    int first = firstKey >> STEP_BITS;
    int second = secondKey >> STEP_BITS;
    int third = thirdKey >> STEP_BITS;
    int one = near + (firstKey & STEP_MASK);
    int two = one + (secondKey & STEP_MASK);
    return table[near] * (CELL - first)
        + table[one] * (first - second)
        + table[two] * (second - third)
        + table[near + ALL_STEPS] * third;
  }

  private static int clamp(int signal) {
    return Math.max(0, Math.min(SIGNAL_MAX, signal));
  }
}
