package io.millrace.packager;

import io.millrace.packager.segment.Opening;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.OpenSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a rendition has announced and is still making: the segment that grows, and the parts that
 * hints have named.
 *
 * <p>Which part comes next is known but at a segment's end. There the segment before tells how many
 * parts to expect, until it has more; a hint that turns out wrong stays open until its part has
 * come after all, or cannot come any more.
 *
 * <p>Written on the owner's thread; {@link #find} from any. Bounded: one segment, and a hint for
 * each of its parts and the next segment's first.
 */
final class OpenFiles {
  private record PartId(long sequence, int index) {}

  private final String contentType;
  private final MediaNames names;
  private final boolean growing;
  private final Map<String, OpenMedia> byName = new ConcurrentHashMap<>();
  private final Map<PartId, OpenMedia> hints = new HashMap<>();
  private final List<Part> parts = new ArrayList<>();
  private @Nullable Opening opening;

  /** Parts of the last segment; 0 before the first. */
  private int usualParts;

  private long expectedTicks;

  /**
   * @param growing false where a segment is not its parts one after another, and so cannot be
   *     fetched while it grows
   */
  OpenFiles(String contentType, MediaNames names, boolean growing) {
    this.contentType = contentType;
    this.growing = growing;
    this.names = names;
  }

  @Nullable OpenMedia find(String name) {
    return byName.get(name);
  }

  /** The segment that is being made; null between segments. */
  @Nullable Opening opening() {
    return opening;
  }

  int parts() {
    return parts.size();
  }

  /**
   * @param expectedTicks how long it will probably be
   */
  void open(Opening next, long expectedTicks) {
    opening = next;
    parts.clear();
    this.expectedTicks = expectedTicks;
    if (growing) {
      byName.put(names.segment(next.startTicks()), new OpenMedia(contentType));
    }
  }

  /** Null between segments. */
  @Nullable OpenSegment snapshot() {
    return opening == null ? null : new OpenSegment(opening, parts, expectedTicks);
  }

  /** Takes a part of the open segment; whoever waits for it gets it. */
  void part(Part part) {
    Opening current = opening;
    if (current == null) {
      return;
    }
    int index = parts.size();
    parts.add(part);
    OpenMedia hint = hints.remove(new PartId(current.sequence(), index));
    if (hint != null) {
      byName.remove(names.part(current.sequence(), index));
      hint.complete(part.bytes());
    }
    OpenMedia segment = byName.get(names.segment(current.startTicks()));
    if (segment != null) {
      segment.grow(part.bytes());
    }
  }

  /** The open segment is complete. */
  void seal(Segment segment) {
    usualParts = segment.parts().size();
    OpenMedia made = byName.remove(names.segment(segment));
    if (made != null) {
      made.complete();
    }
    closed(segment.sequence());
  }

  /** The open segment will never be complete. Its parts stay what they are. */
  void giveUp(long sequence) {
    Opening current = opening;
    if (current != null && current.sequence() == sequence) {
      OpenMedia left = byName.remove(names.segment(current.startTicks()));
      if (left != null) {
        left.abandon();
      }
    }
  }

  /** Nothing more will come of the interval. */
  void closed(long sequence) {
    giveUp(sequence);
    if (opening != null && opening.sequence() <= sequence) {
      opening = null;
      parts.clear();
    }
    abandonHints(sequence);
  }

  /** Nothing more will come at all. */
  void close() {
    if (opening != null) {
      closed(opening.sequence());
    }
    abandonHints(Long.MAX_VALUE);
  }

  private void abandonHints(long upToSequence) {
    List<PartId> over = hints.keySet().stream().filter(id -> id.sequence <= upToSequence).toList();
    for (PartId id : over) {
      OpenMedia hint = hints.remove(id);
      byName.remove(names.part(id.sequence, id.index));
      if (hint != null) {
        hint.abandon();
      }
    }
  }

  /**
   * Names the part that comes next, and opens it.
   *
   * @param edge where the playlist ends
   */
  String hint(Edge edge) {
    boolean full = usualParts > 0 && edge.openParts() == usualParts;
    PartId next =
        full
            ? new PartId(edge.openSequence() + 1, 0)
            : new PartId(edge.openSequence(), edge.openParts());
    String name = names.part(next.sequence, next.index);
    if (!hints.containsKey(next)) {
      OpenMedia hinted = new OpenMedia(contentType);
      hints.put(next, hinted);
      byName.put(name, hinted);
    }
    return name;
  }
}
