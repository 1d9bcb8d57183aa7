package io.millrace.server.live;

import io.millrace.packager.text.WebVttFile;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cues for a stream's text track.
 *
 * @param language a tag of RFC 5646 in its canonical form
 * @param at where the file's time begins on the stream's clock; null: at the picture that comes in
 *     now
 * @param offsetMs added to that
 */
public record SubtitlePost(
    String language, @Nullable Instant at, long offsetMs, List<WebVttFile.Cue> cues) {
  public SubtitlePost {
    cues = List.copyOf(cues);
  }

  /**
   * What became of it.
   *
   * @param zero where the file's time begins, by wall clock
   * @param counts null where the stream has no room for another language
   */
  public record Result(Instant zero, @Nullable SubtitleCounts counts) {}
}
