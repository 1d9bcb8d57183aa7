package io.millrace.codec.slate;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A line of text in strokes of one width, so that no font is needed: every glyph is a few polylines
 * on a grid 8 wide and 12 high. Lengths are in units of that grid until they are drawn.
 */
final class StrokeText {
  static final double CAPITAL_HEIGHT = 12;

  private static final int MAX_CHARACTERS = 80;
  private static final double GAP = 3.6;
  private static final double SPACE = 5;
  private static final double PEN = 1.25;

  /** Polylines, separated by spaces; each point is a hexadecimal column and row. */
  private static final Map<Character, String> GLYPHS =
      Map.ofEntries(
          Map.entry('A', "0C408C 1979"),
          Map.entry('B', "0656757150000C6C8B876656"),
          Map.entry('C', "826020020A2C6C8A"),
          Map.entry('D', "005083895C0C00"),
          Map.entry('E', "70000C7C 0656"),
          Map.entry('F', "70000C 0656"),
          Map.entry('G', "826020020A2C6C8A8757"),
          Map.entry('H', "000C 808C 0686"),
          Map.entry('I', "000C"),
          Map.entry('J', "606A4C2C0A"),
          Map.entry('K', "000C 8007 347C"),
          Map.entry('L', "000C7C"),
          Map.entry('M', "0C0048808C"),
          Map.entry('N', "0C008C80"),
          Map.entry('O', "2060828A6C2C0A0220"),
          Map.entry('P', "0C006082856707"),
          Map.entry('Q', "2060828A6C2C0A0220 598C"),
          Map.entry('R', "0C006082856707 477C"),
          Map.entry('S', "82602002042666888A6C2C0A"),
          Map.entry('T', "0080 404C"),
          Map.entry('U', "000A2C6C8A80"),
          Map.entry('V', "004C80"),
          Map.entry('W', "002C446C80"),
          Map.entry('X', "008C 800C"),
          Map.entry('Y', "004680 464C"),
          Map.entry('Z', "00800C8C"),
          Map.entry('0', "2060828A6C2C0A0220"),
          Map.entry('1', "02202C"),
          Map.entry('2', "02206082840C8C"),
          Map.entry('3', "02206082846636 66888A6C2C0A"),
          Map.entry('4', "6C600888"),
          Map.entry('5', "80100565878A6C2C0A"),
          Map.entry('6', "7030040A2C6C8A87652507"),
          Map.entry('7', "00803C"),
          Map.entry('8', "260402206082846626080A2C6C8A8866"),
          Map.entry('9', "1C5C888260200205276785"),
          Map.entry('.', "0C"),
          Map.entry(',', "1B0E"),
          Map.entry(':', "04 0A"),
          Map.entry('!', "0008 0C"),
          Map.entry('?', "02206082844748 4C"),
          Map.entry('-', "0656"),
          Map.entry('+', "0686 424A"),
          Map.entry('/', "600C"),
          Map.entry('\'', "0003"));

  private record Stroke(double fromX, double fromY, double toX, double toY) {
    /** Distance of a point from this line segment. */
    double distance(double x, double y) {
      double alongX = toX - fromX;
      double alongY = toY - fromY;
      double squared = alongX * alongX + alongY * alongY;
      double part =
          squared == 0
              ? 0
              : Math.clamp(((x - fromX) * alongX + (y - fromY) * alongY) / squared, 0.0, 1.0);
      return Math.hypot(x - fromX - part * alongX, y - fromY - part * alongY);
    }
  }

  private final List<Stroke> strokes = new ArrayList<>();
  private double width;

  private StrokeText() {}

  /**
   * Lays {@code text} out; what has no glyph becomes a space, what is over 80 characters is cut.
   */
  static StrokeText of(String text) {
    StrokeText line = new StrokeText();
    String plain =
        Normalizer.normalize(text.strip(), Normalizer.Form.NFKD)
            .replaceAll("\\p{M}", "")
            .replace('\u2019', '\'')
            .replaceAll("[\u2010-\u2015]", "-")
            .toUpperCase(Locale.ROOT);
    plain.chars().limit(MAX_CHARACTERS).forEach(character -> line.add((char) character));
    line.width = Math.max(0, line.width - GAP);
    return line;
  }

  private void add(char character) {
    String glyph = GLYPHS.get(character);
    if (glyph == null) {
      width += SPACE;
      return;
    }
    double right = 0;
    for (String line : glyph.split(" ", -1)) {
      for (int i = 0; i < line.length(); i += 2) {
        int from = Math.max(0, i - 2);
        right = Math.max(right, digit(line, i));
        strokes.add(
            new Stroke(
                width + digit(line, from),
                digit(line, from + 1),
                width + digit(line, i),
                digit(line, i + 1)));
      }
    }
    width += right + GAP;
  }

  private static double digit(String line, int index) {
    return Character.digit(line.charAt(index), 16);
  }

  /** Width of the line; 0 when there is nothing to draw. */
  double width() {
    return strokes.isEmpty() ? 0 : width;
  }

  /**
   * Draws with smooth edges.
   *
   * @param left in display pixels, which are as high as the canvas's
   * @param top in display pixels
   * @param em display pixels in a unit of the grid
   * @param pixelAspect width of a pixel of the canvas in display pixels
   */
  void draw(Canvas canvas, double left, double top, double em, double pixelAspect, int ink) {
    double reach = Math.max(1, PEN * em) / 2 + 1;
    int[] cover = new int[canvas.width() * canvas.height()];
    for (Stroke stroke : strokes) {
      Stroke placed =
          new Stroke(
              left + stroke.fromX * em,
              top + stroke.fromY * em,
              left + stroke.toX * em,
              top + stroke.toY * em);
      cover(placed, canvas, cover, reach, pixelAspect);
    }
    int[] argb = new int[cover.length];
    for (int i = 0; i < argb.length; i++) {
      argb[i] = cover[i] << 24 | ink;
    }
    canvas.blend(0, 0, canvas.width(), canvas.height(), argb);
  }

  private static void cover(
      Stroke stroke, Canvas canvas, int[] cover, double reach, double pixelAspect) {
    int width = canvas.width();
    double leftmost = Math.min(stroke.fromX, stroke.toX) - reach;
    double rightmost = Math.max(stroke.fromX, stroke.toX) + reach;
    int fromX = Math.clamp((long) (leftmost / pixelAspect), 0, width);
    int toX = Math.clamp((long) (rightmost / pixelAspect) + 1, 0, width);
    int fromY = Math.clamp((long) (Math.min(stroke.fromY, stroke.toY) - reach), 0, canvas.height());
    int toY =
        Math.clamp((long) (Math.max(stroke.fromY, stroke.toY) + reach) + 1, 0, canvas.height());
    for (int y = fromY; y < toY; y++) {
      for (int x = fromX; x < toX; x++) {
        double away = stroke.distance((x + 0.5) * pixelAspect, y + 0.5);
        int here = (int) Math.round(255 * Math.clamp(reach - 0.5 - away, 0.0, 1.0));
        cover[y * width + x] = Math.max(cover[y * width + x], here);
      }
    }
  }
}
