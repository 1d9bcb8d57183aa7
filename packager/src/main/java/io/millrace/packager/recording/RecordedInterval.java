package io.millrace.packager.recording;

import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;

/** What one rendition has in an interval. */
public record RecordedInterval(RenditionSpec rendition, Kind kind, Interval interval) {
  long sizeBytes() {
    return interval instanceof Segment segment ? segment.sizeBytes() : 0;
  }
}
