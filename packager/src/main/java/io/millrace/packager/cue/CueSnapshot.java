package io.millrace.packager.cue;

import java.util.List;
import java.util.function.Consumer;

/**
 * What playlists and manifests say of cues, at one moment. Immutable.
 *
 * @param lines {@code EXT-X-DATERANGE} tags, in the order of their sequence numbers
 * @param events of the manifest, in the order of their time
 * @param timedId3 true once ID3 tags have been put into the media
 */
public record CueSnapshot(List<Line> lines, List<Event> events, boolean timedId3) {
  public static final CueSnapshot NONE = new CueSnapshot(List.of(), List.of(), false);

  /**
   * A tag, where it belongs in a playlist: behind what had been listed when it was said, so that
   * playlists only grow (RFC 8216bis §6.2.1).
   *
   * @param sequence of the segment that it stands before
   * @param id of the date range; its out and in points are two tags of one
   * @param text with its line end
   */
  public record Line(long sequence, String id, String text) {}

  /**
   * An event of a manifest (ISO/IEC 23009-1 §5.10.2.3).
   *
   * @param number unique in the presentation
   * @param startTicks in {@link io.millrace.media.Timescale#VIDEO} ticks
   * @param durationTicks -1 when not known
   * @param base64 the message
   */
  public record Event(long number, long startTicks, long durationTicks, String base64) {}

  public CueSnapshot {
    lines = List.copyOf(lines);
    events = List.copyOf(events);
  }

  /** Without events of other times; tags go by sequence numbers, and so by themselves. */
  public CueSnapshot between(long startTicks, long endTicks) {
    return new CueSnapshot(
        lines,
        events.stream()
            .filter(event -> event.startTicks() >= startTicks && event.startTicks() < endTicks)
            .toList(),
        timedId3);
  }

  /**
   * Writes the tags that stand before a segment.
   *
   * @param next index of the first tag that has not been written
   * @param sequence of the segment; {@link Long#MAX_VALUE} for the end of the playlist
   * @return the index to go on with
   */
  public int append(Consumer<String> out, int next, long sequence) {
    int index = next;
    while (index < lines.size() && lines.get(index).sequence() <= sequence) {
      out.accept(lines.get(index++).text());
    }
    return index;
  }
}
