package io.millrace.packager.hls;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * {@code EXT-X-START}: where players begin (RFC 8216bis §4.4.2.2). It stands in the second line, so
 * that it can be put into a playlist that has been rendered.
 */
public final class StartTag {
  private static final String NAME = "#EXT-X-START:";
  private static final byte[] FIRST_LINE = "#EXTM3U\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NAME_BYTES = NAME.getBytes(StandardCharsets.UTF_8);

  private StartTag() {}

  /**
   * The playlist with the tag, in place of one that it may have.
   *
   * @param offsetUs from the start of the playlist; negative: from its end
   */
  public static byte[] into(byte[] playlist, long offsetUs) {
    String sign = offsetUs < 0 ? "-" : "";
    String line =
        NAME + "TIME-OFFSET=" + sign + Lines.seconds(Math.abs(offsetUs)) + ",PRECISE=YES\n";
    int rest = FIRST_LINE.length;
    if (Arrays.equals(
        playlist,
        rest,
        Math.min(playlist.length, rest + NAME_BYTES.length),
        NAME_BYTES,
        0,
        NAME_BYTES.length)) {
      while (playlist[rest++] != '\n') {
        // The tag that it had.
      }
    }
    byte[] tag = line.getBytes(StandardCharsets.UTF_8);
    byte[] made = new byte[FIRST_LINE.length + tag.length + playlist.length - rest];
    System.arraycopy(FIRST_LINE, 0, made, 0, FIRST_LINE.length);
    System.arraycopy(tag, 0, made, FIRST_LINE.length, tag.length);
    System.arraycopy(playlist, rest, made, FIRST_LINE.length + tag.length, playlist.length - rest);
    return made;
  }
}
