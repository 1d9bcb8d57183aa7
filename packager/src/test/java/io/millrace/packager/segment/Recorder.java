package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.FragmentSample;
import io.millrace.packager.bmff.MediaDataBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keeps what a packager tells, and reads segments back into samples. */
final class Recorder implements SegmentListener {
  static final SegmentSettings SETTINGS =
      new SegmentSettings(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30), 64 << 20);

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
  public void part(long sequence, Part part) {
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

  /** A sample as a player sees it. */
  record Read(long dtsTicks, long ptsTicks, long durationTicks, boolean key, byte[] payload) {
    @Override
    public String toString() {
      return dtsTicks + "/" + ptsTicks + "+" + durationTicks + (key ? " key" : "");
    }
  }

  static byte[] bytes(Segment segment) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    segment.parts().forEach(part -> out.writeBytes(part.bytes()));
    return out.toByteArray();
  }

  /** Reads all fragments; checks that data offsets point at the samples. */
  static List<Read> samples(Segment segment) {
    byte[] bytes = bytes(segment);
    List<Read> samples = new ArrayList<>();
    int offset = 0;
    int moofOffset = -1;
    ContainerBox moof = null;
    for (Box box : BoxReader.read(bytes)) {
      switch (box) {
        case ContainerBox container -> {
          moof = container;
          moofOffset = offset;
        }
        case MediaDataBox data -> {
          TrackRunBox run = find(moof, TrackRunBox.class);
          if (moofOffset + run.dataOffsetBytes() != offset + Box.HEADER_BYTES) {
            throw new AssertionError("data offset " + run.dataOffsetBytes());
          }
          read(moof, run, data.data(), samples);
        }
        default -> {}
      }
      offset += box.sizeBytes();
    }
    return samples;
  }

  private static void read(ContainerBox moof, TrackRunBox run, byte[] data, List<Read> samples) {
    TrackFragmentHeaderBox header = find(moof, TrackFragmentHeaderBox.class);
    long dts = find(moof, TrackFragmentDecodeTimeBox.class).decodeTimeTicks();
    int at = 0;
    for (int i = 0; i < run.samples().size(); i++) {
      FragmentSample sample = run.samples().get(i);
      int fields = run.fields();
      long duration =
          (fields & TrackRunBox.DURATION) != 0
              ? sample.durationTicks()
              : header.sampleDurationTicks();
      int size = (fields & TrackRunBox.SIZE) != 0 ? sample.sizeBytes() : header.sampleSizeBytes();
      boolean own =
          (fields & TrackRunBox.FLAGS) != 0 || (i == 0 && (fields & TrackRunBox.FIRST_FLAGS) != 0);
      int flags = own ? sample.flags() : header.sampleFlags();
      byte[] payload = Arrays.copyOfRange(data, at, at + size);
      long pts = dts + sample.compositionOffsetTicks();
      samples.add(new Read(dts, pts, duration, flags == FragmentSample.KEY_FLAGS, payload));
      dts += duration;
      at += size;
    }
    if (at != data.length) {
      throw new AssertionError(data.length - at + " bytes of mdat belong to no sample");
    }
  }

  static <T extends Box> T find(ContainerBox container, Class<T> kind) {
    for (Box child : container.children()) {
      if (kind.isInstance(child)) {
        return kind.cast(child);
      }
      if (child instanceof ContainerBox inner) {
        T found = find(inner, kind);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
