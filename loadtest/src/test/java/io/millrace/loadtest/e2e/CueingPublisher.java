package io.millrace.loadtest.e2e;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.caption.CaptionWriter;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.mpegts.TsMuxer;
import io.millrace.transport.Loops;
import io.millrace.transport.srt.EndReason;
import io.millrace.transport.srt.SrtCall;
import io.millrace.transport.srt.SrtCaller;
import io.millrace.transport.srt.SrtCallerSettings;
import io.millrace.transport.srt.SrtPublicationListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A broadcaster over SRT who sends everything beside picture and sound: captions in CC1 that say
 * the second, an ID3 tag a second, a splice out point, and the sound in two languages.
 */
final class CueingPublisher implements AutoCloseable {
  /** Seconds from the first picture to the splice. */
  static final double SPLICE_SECONDS = 4.3;

  /** SCTE 35 §14.2: event 0x4800008F, for 60.293 s. */
  private static final byte[] OUT =
      Base64.getDecoder()
          .decode("/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=");

  private static final int FPS = 25;
  private static final int SECOND = Timescale.VIDEO.ticksPerSecond();
  private static final int MESSAGE_BYTES = 7 * 188;
  private static final int TICK_MS = 10;

  private final Loops loops = Loops.open(1, "cueing-publisher");
  private final SrtCall call;
  private final TsMuxer muxer;
  private final TestSource source;
  private final ScheduledFuture<?> pace;
  private final long startNs;
  private long picture;

  private CueingPublisher(SrtCall call) {
    this.call = call;
    this.muxer = new TsMuxer(ByteBufAllocator.DEFAULT, this::send);
    this.source =
        new TestSource(
            TestSourceSettings.hd(Instant.now())
                .withSize(320, 180, 300_000)
                .withFrameRate(new Rational(FPS, 1), FPS, false)
                .withMaxBFrames(2),
            this::event);
    this.startNs = System.nanoTime();
    this.pace =
        loops
            .group()
            .next()
            .scheduleAtFixedRate(
                () -> source.advanceTo(System.nanoTime() - startNs),
                TICK_MS,
                TICK_MS,
                TimeUnit.MILLISECONDS);
  }

  static CueingPublisher start(RunningServer server, String name) {
    Loops calling = Loops.open(1, "cueing-caller");
    try {
      SrtCall call =
          SrtCaller.connect(
                  calling.group().next(),
                  new InetSocketAddress("127.0.0.1", server.port("srt")),
                  SrtCallerSettings.of("publish:live/" + name, null)
                      .withTimes(Duration.ofMillis(200), Duration.ofSeconds(20)),
                  new Deaf())
              .get(30, TimeUnit.SECONDS);
      return new CueingPublisher(call);
    } catch (Exception e) {
      throw new AssertionError("no connection", e);
    }
  }

  private void event(TrackEvent event) {
    switch (event) {
      case Format(int track, TrackFormat.Audio format) -> {
        muxer.accept(new Format(track, format.withLanguage("en")));
        muxer.accept(new Format(TrackEvent.audioTrack(1), format.withLanguage("de")));
      }
      case Sample sample when sample.track() == TrackEvent.VIDEO_TRACK -> picture(sample);
      case Sample sample -> {
        muxer.accept(
            new Sample(
                TrackEvent.audioTrack(1),
                sample.dtsTicks(),
                sample.ptsTicks(),
                sample.durationTicks(),
                true,
                sample.payload().retainedDuplicate()));
        muxer.accept(sample);
      }
      default -> muxer.accept(event);
    }
  }

  private void picture(Sample sample) {
    long shown = sample.ptsTicks() * FPS / SECOND;
    byte[] captions = captions((int) (shown % FPS), (int) (shown / FPS));
    muxer.accept(
        new Sample(
            sample.track(),
            sample.dtsTicks(),
            sample.ptsTicks(),
            sample.durationTicks(),
            sample.key(),
            CaptionWriter.intoH264(sample.payload(), captions, ByteBufAllocator.DEFAULT)));
    if (picture == FPS) {
      muxer.accept(new Cue((long) (SPLICE_SECONDS * SECOND), CueSchemes.SCTE35, OUT));
    }
    if (picture++ % FPS == 0) {
      muxer.accept(new Cue(sample.ptsTicks(), CueSchemes.ID3, tag("second " + picture / FPS)));
    }
  }

  /** A line of a roll-up of two, pair by pair: its number is in it. */
  private static byte[] captions(int index, int second) {
    String line = "LINE %03d".formatted(second % 1000);
    int first = 0x80;
    int last = 0x80;
    switch (index) {
      case 0, 1 -> {
        first = 0x14; // RU2, twice
        last = 0x25;
      }
      case 2, 3 -> {
        first = 0x14; // CR
        last = 0x2D;
      }
      case 4, 5 -> {
        first = 0x14; // row 15
        last = 0x70;
      }
      default -> {
        int at = 2 * (index - 6);
        if (at + 1 < line.length()) {
          first = line.charAt(at);
          last = line.charAt(at + 1);
        }
      }
    }
    return new byte[] {(byte) 0xFC, parity(first), parity(last)};
  }

  private static byte parity(int value) {
    int low = value & 0x7F;
    return (byte) (Integer.bitCount(low) % 2 == 0 ? low | 0x80 : low);
  }

  /** ID3v2.4 with one frame of text: {@code TXXX}, key {@code now}. */
  private static byte[] tag(String text) {
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes("TXXX".getBytes(StandardCharsets.ISO_8859_1));
    frame.writeBytes(new byte[] {0, 0, 0, (byte) (5 + value.length), 0, 0, 3, 'n', 'o', 'w', 0});
    frame.writeBytes(value);
    ByteArrayOutputStream tag = new ByteArrayOutputStream();
    tag.writeBytes(new byte[] {'I', 'D', '3', 4, 0, 0, 0, 0, 0, (byte) frame.size()});
    tag.writeBytes(frame.toByteArray());
    return tag.toByteArray();
  }

  private void send(ByteBuf packets) {
    while (packets.isReadable()) {
      call.send(packets.readRetainedSlice(Math.min(MESSAGE_BYTES, packets.readableBytes())));
    }
    packets.release();
  }

  @Override
  public void close() {
    pace.cancel(false);
    loops
        .group()
        .next()
        .submit(
            () -> {
              source.close();
              muxer.close();
            })
        .awaitUninterruptibly();
    call.close("test is over");
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS);
    call.eventLoop().parent().shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }

  private static final class Deaf implements SrtPublicationListener {
    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      payload.release();
    }

    @Override
    public void onEnd(EndReason reason) {}
  }
}
