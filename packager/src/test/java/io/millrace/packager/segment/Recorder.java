package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.packager.Fragments;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a packager tells, and reads segments back into samples. */
final class Recorder implements SegmentListener {
  static final SegmentSettings SETTINGS =
      new SegmentSettings(Duration.ofSeconds(2), Duration.ofSeconds(30), 64 << 20);

  final List<InitSegment> inits = new ArrayList<>();
  final List<Interval> intervals = new ArrayList<>();
  final List<Part> parts = new ArrayList<>();
  final List<String> problems = new ArrayList<>();

  @Override
  public void init(InitSegment init) {
    inits.add(init);
  }

  @Override
  public void boundary(Boundary boundary) {}

  @Override
  public void part(long sequence, Part part, boolean last) {
    parts.add(part);
  }

  @Override
  public void interval(Interval interval) {
    intervals.add(interval);
  }

  @Override
  public void problem(long sequence, String reason) {
    problems.add(sequence + ": " + reason);
  }

  Segment segment(int index) {
    return (Segment) intervals.get(index);
  }

  Gap gap(int index) {
    return (Gap) intervals.get(index);
  }

  static byte[] bytes(Segment segment) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    segment.parts().forEach(part -> out.writeBytes(part.bytes()));
    return out.toByteArray();
  }

  static List<Fragments.Read> samples(Segment segment) {
    return Fragments.samples(bytes(segment));
  }
}
