package io.millrace.media.caption;

/** The characters of CEA-608 (ANSI/CTA-608-E Annex A, tables 50 to 53 and 5 to 10). */
final class Line21Characters {
  /** In place of characters of ASCII. */
  private static final String REPLACED = "*á\\é^í_ó`ú{ç|÷}Ñ~ñ\u007F█";

  /** 0x30 to 0x3F behind 0x11; the transparent space is a no-break space. */
  private static final String SPECIAL = "®°½¿™¢£♪à\u00A0èâêîôû";

  /** 0x20 to 0x3F behind 0x12: Spanish and French. */
  private static final String WESTERN = "ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»";

  /** 0x20 to 0x3F behind 0x13: Portuguese, German, Danish, and the corners of a box. */
  private static final String OTHER = "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘";

  private Line21Characters() {}

  /**
   * @param code 0x20 to 0x7F
   */
  static char basic(int code) {
    char character = (char) code;
    int at = REPLACED.indexOf(character);
    return at >= 0 && at % 2 == 0 ? REPLACED.charAt(at + 1) : character;
  }

  static char special(int code) {
    return SPECIAL.charAt(code - 0x30);
  }

  /**
   * @param set 0x12 or 0x13
   */
  static char extended(int set, int code) {
    return (set == 0x12 ? WESTERN : OTHER).charAt(code - 0x20);
  }
}
