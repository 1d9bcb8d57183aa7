package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.slate.Silence;
import io.millrace.codec.slate.Still;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.server.config.SignalLoss;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The real {@link StillFiller} with payloads that say that they are made up, ready after as long as
 * an encoder takes. Its pictures have a configuration of their own, as encoded ones have.
 */
final class SimulatedFillers implements FillerSource {
  /** In the place of a {@link SimulatedPublisher#number}. */
  static final int NUMBER = -1;

  private static final byte[] CONFIGURATION = {
    1, 0x64, 0, 0x1f, (byte) 0xff, (byte) 0xe0, (byte) 0xee
  };

  private final EventLoop loop;
  private final Random random;

  SimulatedFillers(EventLoop loop, Random random) {
    this.loop = loop;
    this.random = random;
  }

  @Override
  public CompletionStage<PreparedFiller> prepare(
      SignalLoss rule, SortedMap<Integer, TrackFormat> formats, List<Sample> lastSegment) {
    assertThat(lastSegment).isNotEmpty();
    assertThat(lastSegment.getFirst().key()).isTrue();
    lastSegment.forEach(Sample::release);
    TreeMap<Integer, StillFiller.Pictures> pictures = new TreeMap<>();
    TreeMap<Integer, Silence> silences = new TreeMap<>();
    formats.forEach(
        (track, format) -> {
          switch (format) {
            case TrackFormat.Video video ->
                pictures.put(track, new StillFiller.Pictures(still(video), still(video)));
            case TrackFormat.Audio audio -> silences.put(track, new Silence(audio, payload(0)));
            case TrackFormat.Text _ -> throw new AssertionError("publishers have no text tracks");
          }
        });
    long holdTicks = Timescale.MILLIS.rescale(rule.hold().toMillis(), Timescale.VIDEO);
    CompletableFuture<PreparedFiller> prepared = new CompletableFuture<>();
    var unused =
        loop.schedule(
            () -> prepared.complete(ends -> new StillFiller(pictures, silences, holdTicks, ends)),
            50 + random.nextInt(500),
            TimeUnit.MILLISECONDS);
    return prepared;
  }

  private static Still still(TrackFormat.Video of) {
    Rational frameRate = Objects.requireNonNull(of.frameRate());
    TrackFormat.Video format =
        new TrackFormat.Video(
            of.codec(),
            of.codecs(),
            CONFIGURATION,
            of.width(),
            of.height(),
            of.sampleAspectRatio(),
            frameRate,
            of.colour(),
            of.rotation());
    int frames = frameRate.numerator() / frameRate.denominator();
    return new Still(
        format,
        frameRate,
        IntStream.range(0, frames).mapToObj(i -> new Still.Frame(payload(i), i == 0)).toList());
  }

  private static byte[] payload(int frame) {
    return ByteBuffer.allocate(SimulatedPublisher.PAYLOAD_BYTES)
        .putInt(NUMBER)
        .putInt(frame)
        .putLong(0)
        .array();
  }
}
