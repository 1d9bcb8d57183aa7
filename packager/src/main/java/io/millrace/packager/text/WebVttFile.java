package io.millrace.packager.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a WebVTT file (W3C WebVTT §4.1), as its author should have written it: where a player would
 * guess or leave something out in silence, this says the line. Notes are left out; so are styles
 * and regions, which segments do not carry.
 *
 * <p>Linear in the bytes given, and bounded in what it makes of them.
 */
public final class WebVttFile {
  public static final int MAX_CUES = 500;
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final String ARROW = "-->";

  private static final String TIME = "(?:(\\d{2,4}):)?([0-5]\\d):([0-5]\\d)\\.(\\d{3})";
  private static final Pattern TIMES =
      Pattern.compile(TIME + "[ \\t]+-->[ \\t]+" + TIME + "(?:[ \\t]+(\\S.*))?");
  private static final Pattern SETTING =
      Pattern.compile("(vertical|line|position|size|align):[A-Za-z0-9.,%-]{1,40}");

  /**
   * A cue in a file's own time.
   *
   * @param settings of {@link TextCue}
   * @param text of {@link TextCue}
   */
  public record Cue(long startMs, long endMs, String settings, String text) {}

  private final String[] lines;
  private int at;

  private WebVttFile(String[] lines) {
    this.lines = lines;
  }

  /**
   * The cues in the order of the file.
   *
   * @param utf8 a whole file
   */
  public static List<Cue> read(byte[] utf8) throws WebVttException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      throw new WebVttException(1, "not UTF-8");
    }
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    return new WebVttFile(text.split("\r\n|\n|\r", -1)).cues();
  }

  private List<Cue> cues() throws WebVttException {
    if (!lines[0].matches("WEBVTT([ \\t].*)?")) {
      throw new WebVttException(1, "a file begins with WEBVTT");
    }
    for (at = 1; at < lines.length && !lines[at].isEmpty(); at++) {
      if (lines[at].startsWith("X-TIMESTAMP-MAP")) {
        throw problem("X-TIMESTAMP-MAP is for segments of HLS; times count from `at`");
      }
      if (lines[at].contains(ARROW)) {
        throw problem("a blank line is missing behind the head");
      }
    }
    List<Cue> cues = new ArrayList<>();
    while (at < lines.length) {
      if (lines[at].isEmpty()) {
        at++;
      } else if (lines[at].matches("NOTE([ \\t].*)?|(STYLE|REGION)[ \\t]*")) {
        skipBlock();
      } else {
        if (cues.size() == MAX_CUES) {
          throw problem("more than " + MAX_CUES + " cues");
        }
        cues.add(cue());
      }
    }
    return cues;
  }

  private void skipBlock() {
    while (at < lines.length && !lines[at].isEmpty()) {
      at++;
    }
  }

  private Cue cue() throws WebVttException {
    if (!lines[at].contains(ARROW)) {
      at++; // an identifier, which is not unique in a stream of files
      if (at == lines.length || !lines[at].contains(ARROW)) {
        throw problem("the times of a cue are missing: 00:00.000 --> 00:02.000");
      }
    }
    Matcher times = TIMES.matcher(lines[at].strip());
    if (!times.matches()) {
      throw problem("not the times of a cue: 00:00.000 --> 00:02.000");
    }
    long startMs = millis(times, 1);
    long endMs = millis(times, 5);
    if (endMs <= startMs) {
      throw problem("a cue ends before it begins");
    }
    String settings = settings(times.group(9));
    at++;
    return new Cue(startMs, endMs, settings, text());
  }

  private static long millis(Matcher times, int group) {
    String hours = times.group(group);
    return (hours == null ? 0 : Long.parseLong(hours)) * 3_600_000
        + Long.parseLong(times.group(group + 1)) * 60_000
        + Long.parseLong(times.group(group + 2)) * 1_000
        + Long.parseLong(times.group(group + 3));
  }

  /** Without a region, as there are none. */
  private String settings(@Nullable String said) throws WebVttException {
    if (said == null) {
      return "";
    }
    List<String> kept = new ArrayList<>();
    for (String setting : said.strip().split("[ \\t]+")) {
      if (setting.startsWith("region:")) {
        continue;
      }
      if (!SETTING.matcher(setting).matches()) {
        throw problem("not a setting of a cue: " + shown(setting));
      }
      kept.add(setting);
    }
    return String.join(" ", kept);
  }

  private String text() throws WebVttException {
    StringBuilder text = new StringBuilder();
    for (; at < lines.length && !lines[at].isEmpty(); at++) {
      String line = lines[at];
      if (line.contains(ARROW)) {
        throw problem("a blank line is missing between two cues");
      }
      if (line.codePoints().anyMatch(point -> point != '\t' && PlainText.isUnprintable(point))) {
        throw problem("a control character");
      }
      if (text.length() + line.length() > MAX_TEXT_CHARS) {
        throw problem("a cue of more than " + MAX_TEXT_CHARS + " characters");
      }
      text.append(text.isEmpty() ? "" : "\n").append(line);
    }
    if (text.toString().isBlank()) {
      throw problem("a cue without text");
    }
    return text.toString();
  }

  private static String shown(String text) {
    return text.substring(0, Math.min(text.length(), 40)).replaceAll("\\p{Cntrl}", "?");
  }

  private WebVttException problem(String reason) {
    return new WebVttException(Math.min(at, lines.length - 1) + 1, reason);
  }
}
