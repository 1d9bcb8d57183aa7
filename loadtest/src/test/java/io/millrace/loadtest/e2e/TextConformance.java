package io.millrace.loadtest.e2e;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must hold of WebVTT renditions (RFC 8216bis §3.1.4, §4.4.6.1): segments under the numbers,
 * dates and durations of the video's; each a whole file that maps its times to the video's, with
 * the cues that it shows and no others; a cue over a boundary the same in both segments.
 */
final class TextConformance {
  private static final double ROUND_SECONDS = (1L << 33) / 90_000.0;
  private static final String TIME = "(\\d{2,}):(\\d{2}):(\\d{2})\\.(\\d{3})";
  private static final Pattern MAP =
      Pattern.compile("X-TIMESTAMP-MAP=LOCAL:" + TIME + ",MPEGTS:(\\d{1,10})");
  private static final Pattern TIMES = Pattern.compile(TIME + " --> " + TIME + "( .*)?");

  /** Times in a file are whole milliseconds. */
  private static final double ROUNDING_SECONDS = 0.002;

  /**
   * A cue on the clock of the media.
   *
   * @param block all of it, as it stands in the file
   */
  record Cue(double startSeconds, double endSeconds, String text, String block) {}

  private TextConformance() {}

  static List<String> check(HlsClient stream, Duration hole) {
    List<String> problems = new ArrayList<>();
    List<HlsClient.Track> videos = stream.videoTracks();
    for (HlsClient.Track text : stream.textTracks()) {
      text.problems().forEach(problem -> problems.add(text.name() + ": " + problem));
      problems.addAll(Conformance.playlist(text, hole));
      if (!videos.isEmpty()) {
        segments(text, videos.getFirst(), problems);
      }
    }
    boolean listed = !stream.textTracks().isEmpty();
    for (HlsPlaylist.Variant variant : stream.master().variants()) {
      if (listed != variant.attributes().containsKey("SUBTITLES")) {
        problems.add(variant.uri() + ": SUBTITLES is not what EXT-X-MEDIA lists");
      }
    }
    return problems;
  }

  private static void segments(HlsClient.Track text, HlsClient.Track video, List<String> problems) {
    double timescale = video.init().timescale();
    List<Cue> before = List.of();
    double beforeEnd = Double.NaN;
    for (HlsClient.Fetched said : text.segments().values()) {
      HlsClient.Fetched shown = video.segments().get(said.entry().sequence());
      if (shown == null || shown.entry().gap()) {
        before = List.of();
        continue;
      }
      String name = text.name() + " segment " + said.entry().sequence() + ": ";
      HlsPlaylist.Entry one = said.entry();
      HlsPlaylist.Entry other = shown.entry();
      boolean sameDate =
          one.programDateTime() == null
              || other.programDateTime() == null
              || one.programDateTime().equals(other.programDateTime());
      if (one.seconds().subtract(other.seconds()).abs().compareTo(new BigDecimal("0.05")) > 0
          || !sameDate
          || one.discontinuity() != other.discontinuity()) {
        problems.add(name + one + " beside " + other);
      }
      double start = shown.media().decodeTimeTicks() / timescale;
      double end = start + other.seconds().doubleValue();
      List<Cue> cues;
      try {
        cues = cues(said.bytes(), start);
      } catch (AssertionError e) {
        problems.add(name + e.getMessage());
        continue;
      }
      for (Cue cue : cues) {
        if (cue.startSeconds > end + ROUNDING_SECONDS
            || cue.endSeconds < start - ROUNDING_SECONDS) {
          problems.add(name + "from " + start + " to " + end + " has " + cue);
        }
      }
      for (Cue cue : before) {
        boolean goesOn = cue.endSeconds > beforeEnd + ROUNDING_SECONDS;
        if (goesOn && cues.stream().noneMatch(each -> each.block.equals(cue.block))) {
          problems.add(name + "has not " + cue + " of the segment before");
        }
      }
      before = cues;
      beforeEnd = end;
    }
  }

  /**
   * The cues of a segment.
   *
   * @param nearSeconds some media time near the segment: the clock of 33 bits says no more
   */
  static List<Cue> cues(byte[] bytes, double nearSeconds) {
    String[] blocks = new String(bytes, StandardCharsets.UTF_8).split("\n\n");
    String[] head = blocks[0].strip().split("\n");
    Matcher map = MAP.matcher(head.length == 2 ? head[1] : "");
    if (!head[0].equals("WEBVTT") || !map.matches()) {
      throw new AssertionError("not the head of a WebVTT segment: " + blocks[0]);
    }
    double offset = Long.parseLong(map.group(5)) / 90_000.0 - seconds(map, 1);
    List<Cue> cues = new ArrayList<>();
    for (String block : Arrays.asList(blocks).subList(1, blocks.length)) {
      String[] lines = block.strip().split("\n", 3);
      Matcher times = TIMES.matcher(lines.length == 3 ? lines[1] : "");
      if (!times.matches()) {
        throw new AssertionError("not a cue: " + block);
      }
      double start = seconds(times, 1) + offset;
      double rounds = Math.round((nearSeconds - start) / ROUND_SECONDS) * ROUND_SECONDS;
      cues.add(
          new Cue(start + rounds, seconds(times, 5) + offset + rounds, lines[2], block.strip()));
    }
    return cues;
  }

  private static double seconds(Matcher time, int group) {
    return Long.parseLong(time.group(group)) * 3600
        + Long.parseLong(time.group(group + 1)) * 60
        + Long.parseLong(time.group(group + 2))
        + Long.parseLong(time.group(group + 3)) / 1000.0;
  }
}
