package io.millrace.media;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.av1.HdrMetadata;
import io.millrace.media.av1.TemporalUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.nal.DisplaySei;
import io.millrace.media.vp9.FrameHeader;
import io.millrace.media.vp9.Vp9Configuration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Fuzz target: configuration records and access units of every video codec. The first byte chooses
 * the structure, the rest is its bytes. A structure is refused by a {@link MediaFormatException} or
 * survives being written and read again, allocates in proportion to its input, and leaves nothing
 * allocated.
 */
public final class VideoSyntaxFuzz {
  private static final int LENGTH_SIZE = 4;
  private static final AvcConfiguration AVC =
      AvcConfiguration.parse(record("/h264/configurations.txt"));
  private static final HevcConfiguration HEVC =
      HevcConfiguration.parse(record("/hevc/configurations.txt"));

  /** In the order of the first byte's values. */
  private static final List<BiConsumer<byte[], ByteBufAllocator>> STRUCTURES =
      List.of(
          (bytes, _) -> avcRecord(bytes),
          (bytes, _) -> hevcRecord(bytes),
          (bytes, _) -> av1Record(bytes),
          (bytes, _) -> vp9Record(bytes),
          VideoSyntaxFuzz::avcStream,
          VideoSyntaxFuzz::hevcStream,
          VideoSyntaxFuzz::avcUnit,
          VideoSyntaxFuzz::hevcUnit,
          VideoSyntaxFuzz::av1Unit,
          (bytes, _) -> vp9Frame(bytes));

  private VideoSyntaxFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    BiConsumer<byte[], ByteBufAllocator> structure =
        STRUCTURES.get((data[0] & 0xFF) % STRUCTURES.size());
    byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
    HostileInput.offer(bytes, b -> structure.accept(b, allocator));
    assertThat(allocator.metric().usedHeapMemory()).as("heap left").isZero();
  }

  public static List<byte[]> seeds() {
    FuzzSeeds seeds = new FuzzSeeds();
    String[] tables = {"/h264/configurations.txt", "/hevc/configurations.txt"};
    for (int i = 0; i < tables.length; i++) {
      for (Fixtures.Row row : Fixtures.table(tables[i])) {
        seeds.hex(i, row.get(1));
      }
    }
    Fixtures.table("/av1/configurations.txt").forEach(row -> seeds.hex(2, row.get(1)));
    seeds.hex(3, "0015820202020000", "0233a20910090000", "010000000133860101010000");
    ByteBufAllocator heap = UnpooledByteBufAllocator.DEFAULT;
    seeds.add(new byte[] {4}, stream(io.millrace.media.h264.AnnexB.parameterSets(AVC, heap)));
    seeds.add(new byte[] {5}, stream(io.millrace.media.hevc.AnnexB.parameterSets(HEVC, heap)));
    seeds.hex(4, "00000001 09f0 000001 6588 00000001 419a22", "000001 0c ff80 000001 01 9a");
    seeds.hex(5, "00000001 460150 00000001 4201 01 000001 2601afbc 000001 4c01ff80 000001 4a01");
    seeds.hex(
        6,
        "00000003 658884 00000003 419a22",
        "00000006 062f04 02 0000 80 00000002 6588",
        "00000007 0691 0403e80190 00000002 6588");
    seeds.hex(
        7,
        "0000001e 4e01 8918 33c2 86c4 1d4c 0bb8 84d0 3e80 3d13 4042 00989680 00000032 80"
            + " 00000009 4e01 9004 03e8 0190 80 0000000a 4e01 2f04 08 0000 4000 80",
        "00000003 2601af 00000003 0201d0");
    seeds.add(new byte[] {8}, Fixtures.bytes("/av1/hdr10.obu"));
    seeds.add(new byte[] {8}, Fixtures.bytes("/av1/low_delay.obu"));
    seeds.hex(9, "824983420027f016760838241c185c1005d050", "86004092f0c12e0400687f", "8a");
    return seeds.list();
  }

  private static void avcRecord(byte[] bytes) {
    AvcConfiguration read = AvcConfiguration.parse(bytes);
    AvcConfiguration again = AvcConfiguration.parse(read.toBytes());
    assertThat(again.toBytes()).isEqualTo(read.toBytes());
    check(read.toFormat(), bytes.length);
  }

  private static void hevcRecord(byte[] bytes) {
    HevcConfiguration read = HevcConfiguration.parse(bytes);
    HevcConfiguration again = HevcConfiguration.parse(read.toBytes());
    assertThat(again.toBytes()).isEqualTo(read.toBytes());
    check(read.toFormat(), bytes.length);
  }

  private static void av1Record(byte[] bytes) {
    Av1Configuration read = Av1Configuration.parse(bytes);
    Av1Configuration again = Av1Configuration.parse(read.toBytes());
    assertThat(again.toBytes()).isEqualTo(read.toBytes());
    assertThat(again.sequence()).isEqualTo(read.sequence());
    check(read.toFormat(), bytes.length);
  }

  private static void vp9Record(byte[] bytes) {
    Vp9Configuration read = Vp9Configuration.parse(bytes);
    assertThat(Vp9Configuration.parse(read.toBytes())).isEqualTo(read);
    assertThat(read.codecs()).startsWith("vp09.").matches("[a-z0-9.]{13,40}");
  }

  private static void check(TrackFormat.Video format, int sizeBytes) {
    assertThat(format.width()).isPositive();
    assertThat(format.height()).isPositive();
    assertThat(format.codecs()).matches("[A-Za-z0-9.]{4,64}");
    assertThat(format.configuration()).hasSizeLessThanOrEqualTo(sizeBytes + 64);
    assertThat(format.sampleAspectRatio().numerator()).isPositive();
    assertThat(format.sampleAspectRatio().denominator()).isPositive();
    Rational rate = format.frameRate();
    if (rate != null) {
      assertThat(rate.numerator()).isPositive();
      assertThat(rate.denominator()).isPositive();
    }
  }

  private static void avcStream(byte[] bytes, ByteBufAllocator allocator) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    ByteBuf sample = io.millrace.media.h264.AnnexB.toLengthPrefixed(in, allocator);
    try {
      thereAndBack(
          sample,
          bytes.length,
          io.millrace.media.h264.AnnexB.fromLengthPrefixed(sample, LENGTH_SIZE, allocator),
          stream -> io.millrace.media.h264.AnnexB.toLengthPrefixed(stream, allocator));
    } finally {
      sample.release();
    }
    io.millrace.media.h264.AnnexB.toSample(in, AVC, allocator).release();
    check(AvcConfiguration.fromAnnexB(in, LENGTH_SIZE).toFormat(), 2 * bytes.length);
  }

  private static void hevcStream(byte[] bytes, ByteBufAllocator allocator) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    ByteBuf sample = io.millrace.media.hevc.AnnexB.toSample(in, HEVC, allocator);
    try {
      thereAndBack(
          sample,
          bytes.length,
          io.millrace.media.hevc.AnnexB.fromLengthPrefixed(sample, LENGTH_SIZE, allocator),
          stream -> io.millrace.media.hevc.AnnexB.toSample(stream, HEVC, allocator));
    } finally {
      sample.release();
    }
    check(HevcConfiguration.fromAnnexB(in, LENGTH_SIZE).toFormat(), 2 * bytes.length);
  }

  /** Takes {@code stream}: length prefixes and start codes say the same. */
  private static void thereAndBack(
      ByteBuf sample,
      int sizeBytes,
      ByteBuf stream,
      java.util.function.Function<ByteBuf, ByteBuf> toSample) {
    try {
      assertThat(sample.readableBytes()).isLessThanOrEqualTo(2 * sizeBytes);
      ByteBuf again = toSample.apply(stream);
      try {
        assertThat(again).isEqualTo(sample);
      } finally {
        again.release();
      }
    } finally {
      stream.release();
    }
  }

  private static void avcUnit(byte[] bytes, ByteBufAllocator allocator) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    io.millrace.media.h264.AccessUnits.check(in, LENGTH_SIZE);
    check(io.millrace.media.h264.AccessUnits.display(in, LENGTH_SIZE));
    io.millrace.media.h264.AnnexB.fromLengthPrefixed(in, LENGTH_SIZE, allocator).release();
    AvcConfiguration config = AvcConfiguration.inBand(in, LENGTH_SIZE);
    if (config != null) {
      check(config.toFormat(), bytes.length);
    }
  }

  private static void hevcUnit(byte[] bytes, ByteBufAllocator allocator) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    io.millrace.media.hevc.AccessUnits.check(in, LENGTH_SIZE);
    check(io.millrace.media.hevc.AccessUnits.display(in, LENGTH_SIZE));
    io.millrace.media.hevc.AnnexB.fromLengthPrefixed(in, LENGTH_SIZE, allocator).release();
    HevcConfiguration config = HevcConfiguration.inBand(in, LENGTH_SIZE);
    if (config != null) {
      check(config.toFormat(), bytes.length);
    }
  }

  private static void check(DisplaySei display) {
    if (display.rotation().isPresent()) {
      assertThat(display.rotation().getAsInt()).isIn(0, 90, 180, 270);
    }
    display.hdr();
  }

  private static void av1Unit(byte[] bytes, ByteBufAllocator allocator) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    ByteBuf sample = TemporalUnits.toSample(in, allocator);
    try {
      assertThat(sample.readableBytes()).isLessThanOrEqualTo(bytes.length + 8);
      ByteBuf again = TemporalUnits.toSample(sample, allocator);
      try {
        assertThat(again).isEqualTo(sample);
      } finally {
        again.release();
      }
      boolean key = TemporalUnits.isKeyFrame(sample);
      assertThat(TemporalUnits.isKeyFrame(in)).isEqualTo(key);
    } finally {
      sample.release();
    }
    HdrMetadata.read(in);
    Av1Configuration config = Av1Configuration.inBand(in);
    if (config != null) {
      check(config.toFormat(), bytes.length);
    }
  }

  private static void vp9Frame(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    FrameHeader key = FrameHeader.ofKeyFrame(in);
    assertThat(FrameHeader.isKeyFrame(in)).isEqualTo(key != null);
    if (key != null) {
      check(Vp9Configuration.of(key, null).toFormat(key), bytes.length);
    }
  }

  private static byte[] record(String table) {
    return HexFormat.of().parseHex(Fixtures.table(table).getFirst().get(1));
  }

  private static byte[] stream(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes).release();
    return bytes;
  }
}
