package io.millrace.media.mpegts;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AudioSpecificConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Samples of H.264 and AAC that are right to every parser and mean nothing to a decoder. */
final class TestProgram {
  static final int VIDEO_PID = 0x100;
  static final int AUDIO_PID = 0x101;
  static final TrackFormat.Video AVC =
      new TrackFormat.Video(
          VideoCodec.H264,
          "avc1.64001e",
          HexFormat.of()
              .parseHex(
                  "0164001effe100196764001eacd940a02ff9701100000303e90000ea600f162d96"
                      + "01000668ebe3cb22c0fdf8f800"),
          640,
          360,
          Rational.ONE,
          new Rational(25, 1),
          Colour.UNSPECIFIED,
          0);
  static final TrackFormat.Audio AAC = AudioSpecificConfig.lc(48_000, 2).toFormat();

  private static final int FRAME_TICKS = Timescale.VIDEO.ticksPerSecond() / 25;
  private static final int PICTURES_PER_GROUP = 12;

  private TestProgram() {}

  /** Events of {@code pictures} frames of 25 fps with their sound, in the order of decoding. */
  static List<TrackEvent> events(Random random, int pictures, long startTicks) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < pictures; i++) {
      boolean key = i % PICTURES_PER_GROUP == 0;
      long dts = startTicks + (long) i * FRAME_TICKS;
      long pts = dts + (key ? 0 : random.nextInt(3)) * (long) FRAME_TICKS;
      int sizeBytes = key ? 20_000 + random.nextInt(90_000) : 1 + random.nextInt(9_000);
      samples.add(new Sample(0, dts, pts, FRAME_TICKS, key, picture(random, key, sizeBytes)));
    }
    long seconds = Timescale.VIDEO.ticksPerSecond();
    long audioStart = Timescale.VIDEO.rescale(startTicks, AAC.timescale());
    long audioEnd = audioStart + (long) pictures * FRAME_TICKS * 48_000 / seconds;
    for (long at = audioStart; at < audioEnd; at += 1_024) {
      ByteBuf block = Unpooled.wrappedBuffer(bytes(random, 100 + random.nextInt(700)));
      samples.add(new Sample(1, at, at, 1_024, true, block));
    }
    samples.sort(
        Comparator.comparingLong(
            sample -> sample.track() == 0 ? sample.dtsTicks() : sample.dtsTicks() * 15 / 2));
    List<TrackEvent> events = new ArrayList<>(List.of(new Format(0, AVC), new Format(1, AAC)));
    events.addAll(samples);
    return events;
  }

  private static ByteBuf picture(Random random, boolean key, int sizeBytes) {
    ByteBuf out = Unpooled.buffer();
    int slices = 1 + random.nextInt(3);
    for (int slice = 0; slice < slices; slice++) {
      byte[] body = bytes(random, 1 + sizeBytes / slices);
      out.writeInt(2 + body.length).writeByte(key ? 0x65 : 0x41);
      out.writeByte(slice == 0 ? 0x88 : 0x44).writeBytes(body); // first_mb_in_slice 0, or not
    }
    return out;
  }

  /** Bytes without zeros, so that there are no start codes. */
  private static byte[] bytes(Random random, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    for (int i = 0; i < sizeBytes; i++) {
      bytes[i] = (byte) (1 + random.nextInt(254)); // nor 0xFF, ADTS's syncword
    }
    return bytes;
  }

  /** The transport stream that a multiplexer makes of events, which it releases. */
  static byte[] mux(List<TrackEvent> events) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TsMuxer muxer =
        new TsMuxer(
            Heap.allocator(),
            buffer -> {
              byte[] bytes = new byte[buffer.readableBytes()];
              buffer.readBytes(bytes);
              out.writeBytes(bytes);
              buffer.release();
            })) {
      events.forEach(muxer::accept);
    }
    return out.toByteArray();
  }

  static byte[] stream(long seed, int pictures) {
    return mux(events(new Random(seed), pictures, 0));
  }
}
