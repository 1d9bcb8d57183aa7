package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.EventMessageBox;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Timed metadata on its way into the media: each ID3 tag becomes an {@code emsg} in front of the
 * part that covers its time, or of the next one where it came too late (AOM, Carriage of ID3 Timed
 * Metadata in CMAF; ISO/IEC 23009-1 §5.10.3.3). Cues of other schemes go into playlists and
 * manifests, not here.
 *
 * <p>Bounded: what is still waiting when too much does is dropped, the oldest first. Confined to
 * the packager's thread.
 */
final class InbandEvents {
  private static final int MAX_WAITING = 64;
  private static final byte[] MOOF = {'m', 'o', 'o', 'f'};

  private final ArrayDeque<Cue> waiting = new ArrayDeque<>();

  void add(Cue cue) {
    if (!cue.scheme().equals(CueSchemes.ID3)) {
      return;
    }
    if (waiting.size() == MAX_WAITING) {
      waiting.removeFirst();
    }
    waiting.addLast(cue);
  }

  /**
   * The part with the messages whose time has come.
   *
   * @param timescale of the part's ticks
   */
  Part into(Part part, Timescale timescale) {
    if (waiting.isEmpty()) {
      return part;
    }
    long endTicks = timescale.rescale(part.endTicks(), Timescale.VIDEO);
    List<Box> due = new ArrayList<>();
    waiting.removeIf(cue -> cue.ptsTicks() < endTicks && due.add(box(cue)));
    return due.isEmpty() ? part : part.withBytes(inserted(part.bytes(), due));
  }

  /**
   * The same cue has the same id in every rendition and in every process that packages the stream,
   * so that a player shows it once: it is made of its time and content.
   */
  private static EventMessageBox box(Cue cue) {
    int id = Long.hashCode(cue.ptsTicks());
    for (byte b : cue.message()) {
      id = 31 * id + b;
    }
    return new EventMessageBox(
        Timescale.VIDEO.ticksPerSecond(),
        Math.max(0, cue.ptsTicks()),
        EventMessageBox.UNKNOWN,
        id,
        cue.scheme(),
        "",
        cue.message());
  }

  /** Before {@code moof}, whose offsets count from itself, and behind {@code styp}. */
  private static byte[] inserted(byte[] part, List<Box> events) {
    byte[] boxes = Box.toBytes(events);
    int index = moofIndex(part);
    return ByteBuffer.allocate(part.length + boxes.length)
        .put(part, 0, index)
        .put(boxes)
        .put(part, index, part.length - index)
        .array();
  }

  private static int moofIndex(byte[] part) {
    ByteBuffer in = ByteBuffer.wrap(part);
    int at = 0;
    while (in.getInt(at + 4) != ByteBuffer.wrap(MOOF).getInt()) {
      at += in.getInt(at);
    }
    return at;
  }
}
