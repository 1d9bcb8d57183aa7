package io.millrace.server.live;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.caption.CaptionReader;
import io.millrace.media.caption.Line21Decoder;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads CC1 out of the main video as text. Captions come in decoding order and mean something in
 * the order of display: they wait until every picture before theirs has been decoded.
 *
 * <p>Text that is written letter by letter is passed on twice a second, lest every letter be a cue.
 * On the stream's event loop. Bounded: {@link #MAX_WAITING} pictures.
 */
final class CaptionText {
  private static final int MAX_WAITING = 32;
  private static final long UPDATE_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;
  private static final int TRIPLET_BYTES = 3;

  /** cc_valid, and NTSC field 1 (ANSI/CTA-708-E §4.4). */
  private static final int FIELD_1 = 0x04;

  private static final int VALID_AND_TYPE = 0x07;

  /** Takes what is on the screen from some instant on. */
  interface Screen {
    void show(long ticks, String text);
  }

  private final Screen screen;
  private final Line21Decoder decoder = new Line21Decoder(false);
  private final TreeMap<Long, byte[]> waiting = new TreeMap<>();
  private @Nullable CaptionReader reader;
  private String shown = "";
  private boolean changed;
  private long shownTicks = Long.MIN_VALUE / 2;

  CaptionText(Screen screen) {
    this.screen = screen;
  }

  void format(TrackFormat.Video format) {
    reader = CaptionReader.of(format);
  }

  /** Borrows {@code sample}, which is of the main video. */
  void look(Sample sample) {
    CaptionReader reading = reader;
    if (reading == null) {
      return;
    }
    byte[] triplets = reading.read(sample.payload());
    if (triplets != null) {
      waiting.put(sample.ptsTicks(), triplets);
    }
    while (!waiting.isEmpty()
        && (waiting.firstKey() <= sample.dtsTicks() || waiting.size() > MAX_WAITING)) {
      var next = waiting.pollFirstEntry();
      decode(next.getKey(), next.getValue());
    }
  }

  private void decode(long ticks, byte[] triplets) {
    boolean whole = false;
    for (int i = 0; i + TRIPLET_BYTES <= triplets.length; i += TRIPLET_BYTES) {
      if ((triplets[i] & VALID_AND_TYPE) == FIELD_1) {
        boolean changes = decoder.take(triplets[i + 1], triplets[i + 2]);
        changed |= changes;
        whole |= changes && (triplets[i + 1] & 0x7F) < 0x20; // a control code
      }
    }
    if (changed && (whole || ticks - shownTicks >= UPDATE_TICKS)) {
      changed = false;
      String text = decoder.text();
      if (!text.equals(shown)) {
        shown = text;
        shownTicks = ticks;
        screen.show(ticks, text);
      }
    }
  }
}
