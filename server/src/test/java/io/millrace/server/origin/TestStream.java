package io.millrace.server.origin;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A stream of one H.264, one AV1 and one audio rendition that a test fills by hand. */
final class TestStream {
  static final Instant EPOCH = Instant.parse("2026-11-21T10:00:00Z");
  private static final long SECOND = 360_000;
  private static final int STEPS = 4;
  private static final int SAMPLE_BYTES = 20_000;

  final Presentation presentation =
      new Presentation(PresentationSettings.of("test").withInstance("t"), () -> true);
  private final TrackSink h264 = presentation.video(new RenditionSpec("720p", 0, 0));
  private final TrackSink av1 = presentation.video(new RenditionSpec("av1-720p", 1, 0));
  private final TrackSink audio = presentation.audio(new RenditionSpec("audio", 2, 0));
  private final long partTicks;
  private int next;
  private long begun = -1;

  TestStream() {
    this(0);
  }

  /** With parts of half a second. */
  static TestStream inParts() {
    return new TestStream(SECOND / 2);
  }

  private TestStream(long partTicks) {
    this.partTicks = partTicks;
    h264.accept(new Format(0, video(VideoCodec.H264, "avc1.64001f", "0164001fffe10000")));
    av1.accept(new Format(0, video(VideoCodec.AV1, "av01.0.05M.08", "81050c000a0b00000004")));
    audio.accept(
        new Format(
            1,
            new TrackFormat.Audio(
                AudioCodec.AAC, "mp4a.40.2", HexFormat.of().parseHex("1190"), 48_000, 2, 1024)));
  }

  private static TrackFormat.Video video(VideoCodec codec, String codecs, String configuration) {
    return new TrackFormat.Video(
        codec,
        codecs,
        HexFormat.of().parseHex(configuration),
        1280,
        720,
        Rational.ONE,
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        0);
  }

  /** Two more seconds: one more segment of every rendition. */
  void grow() {
    do {
      step();
    } while (next % STEPS != 0);
  }

  /** Half a second more of every rendition. */
  void step() {
    int sequence = next / STEPS;
    int at = next % STEPS;
    next++;
    long startTicks = 2 * sequence * SECOND;
    if (at == 0 && begun < sequence) {
      boundary();
    }
    long ticks = startTicks + at * SECOND / 2;
    video(ticks, sequence, at);
    for (long frame = frameAt(next - 1); frame < frameAt(next); frame++) {
      audio.accept(
          new Sample(
              1, frame * 1024, frame * 1024, 1024, true, Unpooled.wrappedBuffer(new byte[100])));
    }
  }

  /** Half a second more of video in the segment that would be over by now. */
  void goOn() {
    video(next * SECOND / 2, next / STEPS - 1, STEPS);
  }

  private void video(long ticks, int sequence, int at) {
    for (TrackSink sink : List.of(h264, av1)) {
      byte[] payload = new byte[SAMPLE_BYTES];
      payload[0] = (byte) sequence;
      payload[1] = (byte) at;
      sink.accept(
          new Sample(0, ticks, ticks, SECOND / 2, at == 0, Unpooled.wrappedBuffer(payload)));
    }
  }

  /** Seals what is open and begins the next segment, ahead of its first sample. */
  void boundary() {
    begun++;
    for (TrackSink sink : List.of(h264, av1, audio)) {
      sink.accept(new Boundary(begun, 2 * begun * SECOND, EPOCH, false, partTicks));
    }
  }

  private static long frameAt(int step) {
    return (step * 24_000L + 1023) / 1024;
  }

  TestStream grown(int segments) {
    for (int i = 0; i <= segments; i++) {
      grow();
    }
    return this;
  }

  /** Streams by name. */
  static final class Directory implements StreamDirectory {
    final Map<StreamKey, TestStream> streams = new ConcurrentHashMap<>();
    volatile StreamPictures pictures = StreamPictures.NONE;

    @Override
    public StreamPictures pictures() {
      return pictures;
    }

    @Override
    public @Nullable Presentation find(StreamKey key) {
      TestStream stream = streams.get(key);
      return stream == null ? null : stream.presentation;
    }

    @Override
    public List<Listed> list() {
      return streams.entrySet().stream()
          .map(entry -> new Listed(entry.getKey(), EPOCH, entry.getValue().presentation))
          .toList();
    }
  }
}
