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
  private static final int SAMPLE_BYTES = 20_000;

  final Presentation presentation =
      new Presentation(PresentationSettings.of("test").withInstance("t"), () -> true);
  private final TrackSink h264 = presentation.video(new RenditionSpec("720p", 0, 0));
  private final TrackSink av1 = presentation.video(new RenditionSpec("av1-720p", 1, 0));
  private final TrackSink audio = presentation.audio(new RenditionSpec("audio", 2, 0));
  private int next;

  TestStream() {
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
    int sequence = next++;
    long startTicks = 2 * sequence * SECOND;
    for (TrackSink sink : List.of(h264, av1, audio)) {
      sink.accept(new Boundary(sequence, startTicks, EPOCH, false));
    }
    for (TrackSink sink : List.of(h264, av1)) {
      for (int i = 0; i < 4; i++) {
        long ticks = startTicks + i * SECOND / 2;
        byte[] payload = new byte[SAMPLE_BYTES];
        payload[0] = (byte) sequence;
        sink.accept(
            new Sample(0, ticks, ticks, SECOND / 2, i == 0, Unpooled.wrappedBuffer(payload)));
      }
    }
    long from = (2L * sequence * 48_000 + 1023) / 1024;
    long to = (2L * (sequence + 1) * 48_000 + 1023) / 1024;
    for (long frame = from; frame < to; frame++) {
      audio.accept(
          new Sample(
              1, frame * 1024, frame * 1024, 1024, true, Unpooled.wrappedBuffer(new byte[100])));
    }
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
