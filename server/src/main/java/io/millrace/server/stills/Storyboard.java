package io.millrace.server.stills;

import io.millrace.packager.KeyPictures;
import io.millrace.packager.KeyPictures.Picture;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which picture stands where in which sheet. The stream's time is cut into equal pieces from its
 * epoch on; the first key picture of a piece stands for it, and 25 pieces fill a sheet. So what a
 * sheet shows is the same for everyone who asks, and a full one never changes. One that fills has
 * the number of its pictures in its name.
 *
 * <pre>
 *   piece      0  1  2 … 24 | 25 26 …        (interval each)
 *   sheet      ───── 0 ─────  ─── 1 ──
 *   name       storyboard-INSTANCE-INTERVAL-SHEET-COUNT.jpg#xywh=…
 * </pre>
 *
 * <p>Times are counted from the stream's epoch, as DASH players count them; HLS players add them to
 * the date that a note at the top says. Immutable.
 *
 * @param pieces pictures by piece, in order; at least one
 */
record Storyboard(String instance, int intervalS, TreeMap<Long, Picture> pieces) {
  static final int COLUMNS = 5;
  static final int ROWS = 5;
  static final int TILES = COLUMNS * ROWS;

  private static final Pattern NAME =
      Pattern.compile("storyboard-([0-9A-Za-z]{1,32})-(\\d{1,6})-(\\d{1,12})-(\\d{1,2})\\.jpg");

  /**
   * A sheet.
   *
   * @param number from the epoch on
   * @param tiles one a place; null where there is no picture
   */
  record Sheet(long number, List<@Nullable Picture> tiles) {}

  static Storyboard of(KeyPictures pictures, int intervalS) {
    TreeMap<Long, Picture> pieces = new TreeMap<>();
    for (Picture picture : pictures.pictures()) {
      pieces.putIfAbsent(Math.floorDiv(picture.startUs(), intervalS * 1_000_000L), picture);
    }
    return new Storyboard(pictures.instance(), intervalS, pieces);
  }

  private int count(long sheet) {
    return Math.toIntExact(Math.min(TILES, pieces.lastKey() - sheet * TILES + 1));
  }

  /** WebVTT, each cue's text the address of a part of an image (Media Fragments §4.2.2). */
  String vtt(Instant epoch, int tileWidth, int tileHeight) {
    StringBuilder out = new StringBuilder("WEBVTT\n\nNOTE time 0 is ").append(epoch);
    for (long piece : pieces.keySet()) {
      long sheet = Math.floorDiv(piece, TILES);
      int tile = Math.floorMod(piece, TILES);
      out.append("\n\n").append(time(piece * intervalS));
      out.append(" --> ").append(time((piece + 1) * intervalS));
      out.append("\nstoryboard-").append(instance).append('-').append(intervalS);
      out.append('-').append(sheet).append('-').append(count(sheet)).append(".jpg#xywh=");
      out.append(tile % COLUMNS * tileWidth).append(',').append(tile / COLUMNS * tileHeight);
      out.append(',').append(tileWidth).append(',').append(tileHeight);
    }
    return out.append('\n').toString();
  }

  private static String time(long seconds) {
    return "%02d:%02d:%02d.000".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /** The sheet of a name; null where no storyboard of this stream has it now, or just had. */
  @Nullable Sheet sheet(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()
        || !matcher.group(1).equals(instance)
        || Integer.parseInt(matcher.group(2)) != intervalS) {
      return null;
    }
    long number = Long.parseLong(matcher.group(3));
    int count = Integer.parseInt(matcher.group(4));
    boolean known =
        number >= Math.floorDiv(pieces.firstKey(), TILES)
            && number <= Math.floorDiv(pieces.lastKey(), TILES);
    if (!known || count < 1 || count > count(number)) {
      return null;
    }
    List<@Nullable Picture> tiles = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tiles.add(pieces.get(number * TILES + i));
    }
    return new Sheet(number, tiles);
  }
}
