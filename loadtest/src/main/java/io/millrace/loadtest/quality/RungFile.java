package io.millrace.loadtest.quality;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.segment.SegmentListener;
import io.millrace.packager.segment.SegmentSettings;
import io.millrace.packager.segment.TrackPackager;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A rung's segments one after another in a file, packaged as the server does it. The rung's thread
 * writes it.
 */
final class RungFile implements TrackSink, SegmentListener, AutoCloseable {
  private static final SegmentSettings SETTINGS =
      new SegmentSettings(Duration.ofSeconds(2), Duration.ofSeconds(30), 64 << 20);

  private final OutputStream out;
  private final TrackPackager packager;
  private int inits;

  /** Makes the file. */
  RungFile(Path path) throws IOException {
    this.out = Files.newOutputStream(path);
    this.packager = TrackPackager.video(SETTINGS, 0, this);
  }

  @Override
  public void accept(TrackEvent event) {
    packager.accept(event);
  }

  @Override
  public void init(InitSegment init) {
    if (init.number() == 0 && inits++ == 0) {
      write(init.bytes());
    } else if (init.number() != 0) {
      throw new IllegalStateException("the format changed in the middle of a clip");
    }
  }

  @Override
  public void boundary(TrackEvent.Boundary boundary) {}

  @Override
  public void interval(Interval interval) {
    if (!(interval instanceof Segment segment)) {
      throw new IllegalStateException("a hole at segment " + interval.sequence());
    }
    for (Part part : segment.parts()) {
      write(part.bytes());
    }
  }

  @Override
  public void problem(long sequence, String reason) {
    throw new IllegalStateException("segment " + sequence + ": " + reason);
  }

  private void write(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
