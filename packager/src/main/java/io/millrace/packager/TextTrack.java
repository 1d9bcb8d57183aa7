package io.millrace.packager;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackSink;
import io.millrace.packager.text.CueBook;
import io.millrace.packager.text.CueBook.Verdict;
import io.millrace.packager.text.PlainText;
import io.millrace.packager.text.TextCue;
import io.millrace.packager.text.WebVttFile;
import java.util.List;

/**
 * A text track of a presentation: takes the stream's boundaries, as other renditions do, and cues,
 * which are nobody's samples. On the owner's thread.
 */
public final class TextTrack implements TrackSink {
  private static final String CMAF_SUFFIX = "-cmaf";

  private final CueBook book;
  private final List<Rendition> renditions;

  TextTrack(CueBook book, List<Rendition> renditions) {
    this.book = book;
    this.renditions = renditions;
  }

  static RenditionSpec inCmaf(RenditionSpec spec) {
    return new RenditionSpec(
        spec.name() + CMAF_SUFFIX, spec.order(), 0, spec.label(), spec.language());
  }

  @Override
  public void accept(TrackEvent event) {
    renditions.forEach(rendition -> rendition.accept(event.retain()));
    event.release();
    if (event instanceof Boundary boundary) {
      book.forgetBefore(boundary.startTicks());
    }
  }

  /**
   * Shows text without markup from {@code ticks} on until something else is said, or for 8 s.
   * Nothing, or blanks, ends what is shown.
   *
   * @param ticks video ticks since the stream's epoch
   */
  public Verdict say(long ticks, String text) {
    long startTicks = Math.max(0, ticks);
    book.close(startTicks);
    String escaped = PlainText.escaped(text);
    return escaped.isEmpty()
        ? Verdict.TAKEN
        : book.add(TextCue.open(book.nextId(), startTicks, escaped));
  }

  /**
   * Shows a cue of a file.
   *
   * @param zeroTicks where the file's time begins, in video ticks since the stream's epoch
   */
  public Verdict add(long zeroTicks, WebVttFile.Cue cue) {
    long startTicks = Math.max(0, zeroTicks + TextCue.ticks(cue.startMs()));
    long endTicks = zeroTicks + TextCue.ticks(cue.endMs());
    return endTicks <= startTicks
        ? Verdict.LATE
        : book.add(
            new TextCue(book.nextId(), startTicks, endTicks, false, cue.settings(), cue.text()));
  }
}
