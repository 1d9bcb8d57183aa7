package io.millrace.packager.segment;

import io.millrace.media.TrackSink;
import org.jspecify.annotations.Nullable;

/** Makes the segments of one rendition and tells its {@link SegmentListener}. One thread. */
public sealed interface Packager extends TrackSink permits TrackPackager, TextPackager {
  /** Releases what is held; nothing comes of it. */
  void discard();

  /** Samples that belonged to no segment, so far. */
  long droppedSamples();

  /**
   * The bytes of the segment told last, where they are not those of its parts one after another;
   * else null. Shared, read-only.
   */
  default byte @Nullable [] whole() {
    return null;
  }
}
