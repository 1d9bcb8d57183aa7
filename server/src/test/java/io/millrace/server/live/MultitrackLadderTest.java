package io.millrace.server.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Presentation;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.server.config.Failover;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A push of several tracks, and a rung that the server encodes beside them. */
@Timeout(60)
class MultitrackLadderTest {
  private static final Instant EPOCH = Instant.parse("2026-11-21T00:00:00Z");

  /** With what is behind them no more than the transcoder may be behind. */
  private static final int SEGMENTS = 3;

  private final EventLoop loop = new DefaultEventLoop();
  private final StreamOutputs outputs =
      new StreamOutputs(
          new StreamKey("live", "a"),
          loop,
          new StreamSettings(
              OnConflict.REJECT,
              Failover.DEFAULT,
              null,
              Duration.ofSeconds(30),
              Duration.ofSeconds(1),
              Duration.ofMillis(200),
              Duration.ofSeconds(30),
              "source",
              new Ladder(
                  List.of(
                      new VideoRung(
                          "90p", VideoCodec.H264, 90, 100_000, "veryfast", Profile.FAST, null)),
                  AudioRung.PASSTHROUGH)),
          FfmpegEngines::openH264);

  @AfterEach
  void stop() throws Exception {
    loop.submit(outputs::close).sync();
    outputs.awaitClosed(Duration.ofSeconds(5));
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void aRungIsCutWhereThePushedTracksAre() throws Exception {
    loop.submit(this::push).sync();
    await("the rung", () -> segments("90p") >= SEGMENTS);
    TreeMap<Long, Long> source = starts("source");
    assertThat(source).hasSize(SEGMENTS);
    assertThat(source.firstKey()).isZero();
    assertThat(source.lastEntry().getValue() - source.firstEntry().getValue())
        .isEqualTo((SEGMENTS - 1) * 360_000L);
    assertThat(starts("source-96p")).isEqualTo(source);
    assertThat(starts("90p")).as("encoded here").isEqualTo(source);
  }

  /** Two sizes with key frames at the same instants, as OBS sends them. */
  private Void push() {
    LiveStream live =
        new LiveStream(new StreamKey("live", "a"), loop, Duration.ofSeconds(1), EPOCH);
    live.subscribe(outputs);
    TestSourceSettings settings =
        TestSourceSettings.hd(EPOCH).withFrameRate(new Rational(25, 1), 25, false);
    try (TestSource main = new TestSource(settings.withSize(192, 144, 200_000), live);
        TestSource second = new TestSource(settings.withSize(128, 96, 100_000), second(live))) {
      for (long ms = 40; ms <= SEGMENTS * 1_000 + 500; ms += 40) {
        main.advanceTo(TimeUnit.MILLISECONDS.toNanos(ms));
        second.advanceTo(TimeUnit.MILLISECONDS.toNanos(ms));
      }
    }
    live.accept(new End("done"));
    live.close();
    return null;
  }

  private static TrackSink second(TrackSink stream) {
    int track = TrackEvent.videoTrack(1);
    return event -> {
      switch (event) {
        case Format format when format.track() == TrackEvent.VIDEO_TRACK ->
            stream.accept(new Format(track, format.format()));
        case Sample sample when sample.track() == TrackEvent.VIDEO_TRACK ->
            stream.accept(
                new Sample(
                    track,
                    sample.dtsTicks(),
                    sample.ptsTicks(),
                    sample.durationTicks(),
                    sample.key(),
                    sample.payload()));
        default -> event.release();
      }
    };
  }

  private int segments(String rendition) {
    return onLoop(
        presentation ->
            presentation.renditions().stream()
                .filter(info -> info.name().equals(rendition))
                .mapToInt(info -> (int) info.segments())
                .sum());
  }

  /** Decoding time that each of the first segments begins at, by media sequence number. */
  private TreeMap<Long, Long> starts(String rendition) {
    return onLoop(
        presentation -> {
          TreeMap<Long, Long> starts = new TreeMap<>();
          long sequence = 0;
          String playlist = new String(presentation.media(rendition).bytes(), UTF_8);
          for (String line : playlist.lines().toList()) {
            if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) {
              sequence = Long.parseLong(line.substring(line.indexOf(':') + 1));
            } else if (!line.startsWith("#") && starts.size() < SEGMENTS) {
              starts.put(sequence++, decodeTime(presentation, rendition, line));
            }
          }
          return starts;
        });
  }

  private static long decodeTime(Presentation presentation, String rendition, String uri) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    presentation.object(rendition, uri).parts().forEach(bytes::writeBytes);
    return decodeTime(BoxReader.read(bytes.toByteArray()));
  }

  private static long decodeTime(List<? extends Box> boxes) {
    for (Box box : boxes) {
      if (box instanceof TrackFragmentDecodeTimeBox time) {
        return time.decodeTimeTicks();
      }
      if (box instanceof ContainerBox container) {
        long inside = decodeTime(container.children());
        if (inside >= 0) {
          return inside;
        }
      }
    }
    return -1;
  }

  private <T> T onLoop(Function<Presentation, T> question) {
    return loop.submit(() -> question.apply(outputs.presentation())).syncUninterruptibly().getNow();
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
