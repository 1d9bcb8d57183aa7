package io.millrace.server.live;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The formats and the open segment so far: what a late subscriber needs to start decoding at once.
 * Bounded in bytes; a segment that outgrows it is not offered, and the subscriber starts at the
 * next boundary instead.
 *
 * <p>Holds one reference to each cached sample. Not thread-safe.
 */
final class GopCache {
  private final long maxBytes;
  private final TreeMap<Integer, Format> formats = new TreeMap<>();
  private final List<TrackEvent> events = new ArrayList<>();
  private long bytes;
  private boolean complete;

  GopCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Borrows {@code event}, keeping a reference of its own where it needs one. */
  void remember(TrackEvent event) {
    switch (event) {
      case Format format -> formats.put(format.track(), format);
      case Boundary boundary -> {
        clear();
        complete = true;
        events.add(boundary);
      }
      case Sample sample -> {
        if (complete) {
          bytes += sample.sizeBytes();
          if (bytes > maxBytes) {
            clear();
          } else {
            events.add(sample.retain());
          }
        }
      }
      case Discontinuity _, End _ -> clear();
      case Cue _ -> {}
    }
  }

  /** Gives the formats and, where complete, the open segment to a new subscriber. */
  void replay(TrackSink sink) {
    formats.values().forEach(sink::accept);
    for (TrackEvent event : events) {
      sink.accept(event.retain());
    }
  }

  /**
   * The samples of the open segment so far, each with a reference for the caller; empty when it has
   * outgrown the cache.
   */
  List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (TrackEvent event : events) {
      if (event instanceof Sample sample) {
        samples.add(sample.retain());
      }
    }
    return samples;
  }

  void clear() {
    events.forEach(TrackEvent::release);
    events.clear();
    bytes = 0;
    complete = false;
  }
}
