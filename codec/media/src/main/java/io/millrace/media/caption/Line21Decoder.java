package io.millrace.media.caption;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Reads one channel of a field of CEA-608 into the text on its screen (ANSI/CTA-608-E §7, §8.4,
 * §C): pop-on, paint-on and roll-up. Colours, italics and places are left out; rows stay rows.
 *
 * <p>Takes pairs in the order in which they are shown. Bounded: two screens of 15 rows. Not
 * thread-safe.
 */
public final class Line21Decoder {
  private static final int ROWS = 15;
  private static final int COLUMNS = 32;
  private static final int LAST_ROW = ROWS - 1;

  /** The upper of two rows by the first byte of a preamble address code (§8.4.3). */
  private static final int[] ROW_OF_CODE = {10, 0, 2, 11, 13, 4, 6, 8};

  private enum Mode {
    NONE,
    POP_ON,
    PAINT_ON,
    ROLL_UP
  }

  private final int channelBit;
  private char[][] displayed = screen();
  private char[][] hidden = screen();
  private Mode mode = Mode.NONE;
  private int rolling = 2;
  private int row = LAST_ROW;
  private int column;
  private boolean ours;
  private int lastControl = -1;

  /**
   * @param second false for CC1 or CC3, true for CC2 or CC4
   */
  public Line21Decoder(boolean second) {
    this.channelBit = second ? 0x08 : 0;
  }

  private static char[][] screen() {
    return new char[ROWS][COLUMNS];
  }

  /** Takes two bytes with their parity; true when the text on the screen may have changed. */
  public boolean take(byte first, byte second) {
    int a = first & 0x7F;
    int b = second & 0x7F;
    boolean broken = Integer.bitCount(first & 0xFF) % 2 == 0;
    if (broken || (a == 0 && b == 0)) {
      return false;
    }
    if (a >= 0x10 && a < 0x20) {
      int control = a << 8 | b;
      boolean repeated = control == lastControl; // sent twice, lest one be lost (§8.4)
      lastControl = repeated ? -1 : control;
      return !repeated && control(a, b);
    }
    lastControl = -1;
    if (a < 0x10) {
      ours = a == 0 && ours; // extended data services, in field 2
      return false;
    }
    if (!ours || mode == Mode.NONE) {
      return false;
    }
    put(Line21Characters.basic(a));
    if (b >= 0x20 && Integer.bitCount(second & 0xFF) % 2 == 1) {
      put(Line21Characters.basic(b));
    }
    return mode != Mode.POP_ON;
  }

  private boolean control(int a, int b) {
    ours = (a & 0x08) == channelBit;
    if (!ours) {
      return false;
    }
    int code = a & ~0x08;
    if (b >= 0x40) {
      preamble(code, b);
      return false;
    }
    return switch (code) {
      case 0x11 -> b >= 0x30 ? character(Line21Characters.special(b)) : b >= 0x20 && midRow();
      case 0x12, 0x13 -> {
        if (b < 0x20) {
          yield false;
        }
        column = Math.max(0, column - 1); // stands in for the character before it
        yield character(Line21Characters.extended(code, b));
      }
      case 0x14, 0x15 -> miscellaneous(b);
      case 0x17 -> {
        column = b >= 0x21 && b <= 0x23 ? Math.min(COLUMNS - 1, column + b - 0x20) : column;
        yield false;
      }
      default -> false;
    };
  }

  private boolean character(char character) {
    if (mode != Mode.NONE) {
      put(character);
    }
    return mode == Mode.PAINT_ON || mode == Mode.ROLL_UP;
  }

  /** A change of style takes a column. */
  private boolean midRow() {
    return character(' ');
  }

  private void put(char character) {
    char[][] target = mode == Mode.POP_ON ? hidden : displayed;
    target[row][column] = character;
    column = Math.min(COLUMNS - 1, column + 1);
  }

  private void preamble(int code, int b) {
    int wanted = ROW_OF_CODE[code & 0x07] + (code == 0x10 ? 0 : b >> 5 & 1);
    if (mode == Mode.ROLL_UP && wanted != row) {
      move(wanted);
    }
    row = wanted;
    boolean indents = (b & 0x10) != 0;
    column = indents ? (b >> 1 & 0x07) * 4 : 0;
  }

  /** The rows of a roll-up go where its base row goes. */
  private void move(int toRow) {
    char[][] moved = screen();
    for (int i = 0; i < rolling && row - i >= 0 && toRow - i >= 0; i++) {
      moved[toRow - i] = displayed[row - i];
    }
    displayed = moved;
  }

  private boolean miscellaneous(int b) {
    switch (b) {
      case 0x20 -> mode = Mode.POP_ON; // RCL
      case 0x21 -> { // BS
        column = Math.max(0, column - 1);
        (mode == Mode.POP_ON ? hidden : displayed)[row][column] = 0;
        return mode != Mode.POP_ON;
      }
      case 0x24 -> { // DER
        char[] line = (mode == Mode.POP_ON ? hidden : displayed)[row];
        Arrays.fill(line, column, COLUMNS, (char) 0);
        return mode != Mode.POP_ON;
      }
      case 0x25, 0x26, 0x27 -> rollUp(b - 0x23); // RU2 to RU4
      case 0x29 -> mode = Mode.PAINT_ON; // RDC
      case 0x2A, 0x2B -> mode = Mode.NONE; // text mode is no caption
      case 0x2C -> { // EDM
        displayed = screen();
        return true;
      }
      case 0x2D -> { // CR
        return carriageReturn();
      }
      case 0x2E -> hidden = screen(); // ENM
      case 0x2F -> { // EOC
        char[][] shown = hidden;
        hidden = displayed;
        displayed = shown;
        mode = Mode.POP_ON;
        return true;
      }
      default -> {}
    }
    return false;
  }

  private void rollUp(int rows) {
    if (mode != Mode.ROLL_UP) {
      displayed = screen();
      hidden = screen();
      row = LAST_ROW;
      column = 0;
    }
    mode = Mode.ROLL_UP;
    rolling = rows;
  }

  private boolean carriageReturn() {
    if (mode != Mode.ROLL_UP) {
      return false;
    }
    int top = Math.max(0, row - rolling + 1);
    for (int i = 0; i < row; i++) {
      displayed[i] = i >= top ? displayed[i + 1] : new char[COLUMNS];
    }
    displayed[row] = new char[COLUMNS];
    column = 0;
    return true;
  }

  /** What is on the screen: its rows, without those that are empty. */
  public String text() {
    return Arrays.stream(displayed)
        .map(line -> new String(line).replace('\0', ' ').strip())
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
