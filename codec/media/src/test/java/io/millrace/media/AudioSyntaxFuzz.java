package io.millrace.media;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.aac.AdtsHeader;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.aac.LatmReader;
import io.millrace.media.mp3.Mp3Frame;
import io.millrace.media.opus.OpusConfiguration;
import io.millrace.media.opus.OpusPackets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fuzz target: configurations and frames of every audio codec. The first byte chooses the
 * structure, the rest is its bytes. Frames are read one after the other to the end, so a reader
 * that does not move is found too.
 */
public final class AudioSyntaxFuzz {
  /** In the order of the first byte's values. */
  private static final List<Consumer<byte[]>> STRUCTURES =
      List.of(
          AudioSyntaxFuzz::aacConfiguration,
          AudioSyntaxFuzz::adts,
          AudioSyntaxFuzz::latm,
          AudioSyntaxFuzz::mp3,
          bytes -> opus(OpusConfiguration.parseHead(bytes)),
          bytes -> opus(OpusConfiguration.parse(bytes)),
          AudioSyntaxFuzz::opusPacket);

  private AudioSyntaxFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length > 0) {
      HostileInput.offer(
          Arrays.copyOfRange(data, 1, data.length),
          STRUCTURES.get((data[0] & 0xFF) % STRUCTURES.size()));
    }
  }

  public static List<byte[]> seeds() {
    return new FuzzSeeds()
        .hex(0, "1190", "1210", "1188e500", "139056e5a0", "2b118808", "eb098800", "1794", "119c")
        .add(new byte[] {1}, Fixtures.bytes("/latm/stereo.adts"))
        .add(new byte[] {2}, Fixtures.bytes("/latm/stereo.loas"))
        .add(new byte[] {3}, Fixtures.bytes("/mp3/mpeg1_stereo_vbr.mp3"))
        .add(new byte[] {3}, Fixtures.bytes("/mp3/mpeg25_8k.mp3"))
        .add(new byte[] {3}, Fixtures.bytes("/mp3/mpeg2_mono_24k.mp3"))
        .hex(4, "4f707573486561640102380180bb0000000000")
        .hex(4, "4f707573486561640106380180bb00000000010402000401020305")
        .hex(5, "000201380000bb80000000", "000601380000bb80000001040200040102030005")
        .hex(6, "fc01", "780f", "0b0305", "ff3f")
        .list();
  }

  private static void aacConfiguration(byte[] bytes) {
    AudioSpecificConfig read = AudioSpecificConfig.parse(bytes);
    assertThat(AudioSpecificConfig.parse(read.toBytes())).isEqualTo(read);
    check(read.toFormat());
  }

  private static void check(TrackFormat.Audio format) {
    assertThat(format.sampleRate()).isPositive();
    assertThat(format.channels()).isBetween(1, 255);
    assertThat(format.samplesPerFrame()).isBetween(120, 5760);
    assertThat(format.codecs()).matches("[A-Za-z0-9.]{3,16}");
  }

  private static void adts(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    for (int index = 0; index < bytes.length; ) {
      AdtsHeader header = AdtsHeader.parse(in, index);
      check(header.toConfiguration().toFormat());
      if (!header.crc()) {
        ByteBuf out = Unpooled.buffer();
        header.write(out);
        assertThat(AdtsHeader.parse(out, 0)).isEqualTo(header);
      }
      assertThat(header.payloadSizeBytes()).isNotNegative();
      index += header.frameSizeBytes();
    }
  }

  private static void latm(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    LatmReader reader = new LatmReader();
    for (int index = 0; index < bytes.length; ) {
      int sizeBytes = LatmReader.frameSizeBytes(in, index);
      int[] given = {0};
      reader.read(
          in,
          index,
          (config, block) -> {
            check(config.toFormat());
            given[0] += block.readableBytes();
            assertThat(block.refCnt()).isOne();
            block.release();
          });
      assertThat(given[0]).isLessThanOrEqualTo(sizeBytes);
      index += sizeBytes;
    }
  }

  private static void mp3(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    int[] given = {0};
    Mp3Frame.split(
        in,
        (frame, slice) -> {
          check(frame.toFormat());
          assertThat(slice.readableBytes()).isEqualTo(frame.sizeBytes()).isGreaterThan(4);
          given[0] += slice.readableBytes();
        });
    assertThat(given[0]).isLessThanOrEqualTo(bytes.length);
    assertThat(in.readerIndex()).isZero();
    assertThat(in.refCnt()).isOne();
  }

  private static void opus(OpusConfiguration read) {
    assertThat(OpusConfiguration.parse(read.toBytes())).isEqualTo(read);
    assertThat(OpusConfiguration.parseHead(read.toHead())).isEqualTo(read);
    check(read.toFormat());
  }

  private static void opusPacket(byte[] bytes) {
    assertThat(OpusPackets.samples(Unpooled.wrappedBuffer(bytes))).isBetween(120, 5760);
  }
}
