package io.millrace.packager.window;

import io.millrace.packager.segment.Opening;
import io.millrace.packager.segment.Part;
import java.util.List;

/**
 * A segment that is being made, at one moment. Immutable.
 *
 * @param parts sealed so far
 * @param expectedTicks how long it will probably be, in its track's timescale
 */
public record OpenSegment(Opening opening, List<Part> parts, long expectedTicks) {
  public OpenSegment {
    parts = List.copyOf(parts);
  }

  public long sequence() {
    return opening.sequence();
  }
}
