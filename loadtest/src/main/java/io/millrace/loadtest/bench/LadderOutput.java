package io.millrace.loadtest.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a ladder run says about its work, so that equal work is compared.
 *
 * @param pictures in the rung with the fewest
 * @param rungBytes coded video bytes of each rung, in ladder order
 */
record LadderOutput(long pictures, List<Long> rungBytes) {
  private static final Pattern RUNG =
      Pattern.compile("^rung \\S+ (\\d+) \\d+ (\\d+) .*$", Pattern.MULTILINE);
  private static final Pattern FRAME = Pattern.compile("frame= *(\\d+)");
  private static final Pattern VIDEO_SIZE = Pattern.compile("video:(\\d+)Ki?B");

  LadderOutput {
    rungBytes = List.copyOf(rungBytes);
  }

  /** Reads the lines of {@link LadderRun}. */
  static LadderOutput ofMillrace(String text) {
    long pictures = Long.MAX_VALUE;
    List<Long> bytes = new ArrayList<>();
    Matcher matcher = RUNG.matcher(text);
    while (matcher.find()) {
      pictures = Math.min(pictures, Long.parseLong(matcher.group(1)));
      bytes.add(Long.parseLong(matcher.group(2)));
    }
    return checked(bytes.isEmpty() ? 0 : pictures, bytes, text);
  }

  /** Reads FFmpeg's last progress line and its summary line for each output. */
  static LadderOutput ofFfmpeg(String text) {
    long pictures = 0;
    Matcher frame = FRAME.matcher(text);
    while (frame.find()) {
      pictures = Long.parseLong(frame.group(1));
    }
    List<Long> bytes = new ArrayList<>();
    Matcher size = VIDEO_SIZE.matcher(text);
    while (size.find()) {
      bytes.add(Long.parseLong(size.group(1)) << 10);
    }
    return checked(pictures, bytes, text);
  }

  private static LadderOutput checked(long pictures, List<Long> rungBytes, String text) {
    if (pictures == 0 || rungBytes.isEmpty()) {
      throw new IllegalArgumentException("no counts in: " + text);
    }
    return new LadderOutput(pictures, rungBytes);
  }
}
