package io.millrace.packager.dvr;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Intervals of two seconds with bytes that their sequence number tells. */
final class Samples {
  static final StreamKey KEY = new StreamKey("live", "a");
  static final Instant EPOCH = Instant.parse("2026-11-28T10:00:00.123456Z");
  static final long SEGMENT_TICKS = 2L * Timescale.VIDEO.ticksPerSecond();

  private Samples() {}

  static InitSegment init(int number) {
    TrackFormat.Video format =
        new TrackFormat.Video(
            VideoCodec.HEVC,
            "hvc1.2.4.L120",
            new byte[] {1, 2, (byte) number},
            1280,
            720,
            new Rational(4, 3),
            number % 2 == 0 ? new Rational(30_000, 1_001) : null,
            new Colour(9, 16, 9, false)
                .withHdr(
                    new Hdr(
                        new Hdr.MasteringDisplay(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
                        number % 2 == 0 ? new Hdr.ContentLight(1000, 400) : null)),
            90);
    return new InitSegment(number, format, ("init " + number).getBytes());
  }

  static Segment segment(long sequence, int sizeBytes) {
    return segment(sequence, sizeBytes, init(0), false);
  }

  static Segment segment(long sequence, int sizeBytes, InitSegment init, boolean discontinuity) {
    Random random = new Random(sequence);
    List<Part> parts = new ArrayList<>();
    long start = sequence * SEGMENT_TICKS;
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[sizeBytes / count + 1];
      random.nextBytes(bytes);
      long from = start + SEGMENT_TICKS * i / count;
      parts.add(new Part(from, start + SEGMENT_TICKS * (i + 1) / count, i == 0, bytes));
    }
    return new Segment(
        sequence, discontinuity, start, init, start, start + SEGMENT_TICKS, 60, parts);
  }

  static Gap gap(long sequence) {
    long start = sequence * SEGMENT_TICKS;
    return new Gap(sequence, false, start, Timescale.VIDEO, start, start + SEGMENT_TICKS);
  }

  static byte[] bytes(Segment segment) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    segment.parts().forEach(part -> out.writeBytes(part.bytes()));
    return out.toByteArray();
  }
}
