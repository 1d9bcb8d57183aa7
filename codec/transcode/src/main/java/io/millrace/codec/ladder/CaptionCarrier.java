package io.millrace.codec.ladder;

import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.caption.CaptionData;
import io.millrace.media.caption.CaptionReader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Closed captions past the decoder: read from the source's samples in decoding order, given to its
 * pictures in presentation order. The captions of a picture that does not come out go with the next
 * one that does. Confined to the decoding thread; bounded.
 */
final class CaptionCarrier {
  /** More samples than a decoder holds back. */
  private static final int MAX_CARRIED = 64;

  private final TreeMap<Long, byte[]> byPtsTicks = new TreeMap<>();
  private @Nullable CaptionReader reader;

  void format(TrackFormat.Video format) {
    reader = CaptionReader.of(format);
    byPtsTicks.clear();
  }

  /** Borrows {@code sample}. */
  void read(Sample sample) {
    CaptionReader reading = reader;
    byte[] triplets = reading == null ? null : reading.read(sample.payload());
    if (triplets != null) {
      byPtsTicks.merge(sample.ptsTicks(), triplets, CaptionData::join);
      if (byPtsTicks.size() > MAX_CARRIED) {
        byPtsTicks.pollFirstEntry();
      }
    }
  }

  /** The captions for the picture at {@code ptsTicks}; null without any. */
  byte @Nullable [] take(long ptsTicks) {
    byte @Nullable [] triplets = null;
    for (var due = byPtsTicks.headMap(ptsTicks, true); !due.isEmpty(); ) {
      triplets = CaptionData.join(triplets, due.pollFirstEntry().getValue());
    }
    return triplets;
  }

  void clear() {
    byPtsTicks.clear();
  }
}
