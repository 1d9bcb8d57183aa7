package io.millrace.media.aac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatmReaderTest {

  /** The blocks of the same encoder output that FFmpeg wrote as LOAS and as ADTS. */
  @Test
  void givesTheBlocksThatAdtsCarries() {
    ByteBuf loas = Unpooled.wrappedBuffer(Fixtures.bytes("/latm/stereo.loas"));
    LatmReader reader = new LatmReader();
    List<String> blocks = new ArrayList<>();
    for (int index = 0; index < loas.writerIndex(); ) {
      reader.read(
          loas,
          index,
          (config, block) -> {
            assertThat(config).isEqualTo(AudioSpecificConfig.lc(48_000, 2));
            blocks.add(ByteBufUtil.hexDump(block));
            block.release();
          });
      index += LatmReader.frameSizeBytes(loas, index);
    }
    ByteBuf adts = Unpooled.wrappedBuffer(Fixtures.bytes("/latm/stereo.adts"));
    List<String> expected = new ArrayList<>();
    for (int index = 0; index < adts.writerIndex(); ) {
      AdtsHeader header = AdtsHeader.parse(adts, index);
      expected.add(
          ByteBufUtil.hexDump(adts, index + header.headerSizeBytes(), header.payloadSizeBytes()));
      index += header.frameSizeBytes();
    }
    assertThat(blocks).isEqualTo(expected).hasSizeGreaterThan(10);
  }

  /** An AudioSyncStream frame around an AudioMuxElement. */
  private static ByteBuf frame(BitWriter element) {
    byte[] bytes = element.toBytes();
    return Unpooled.buffer().writeMedium(0x2B7 << 13 | bytes.length).writeBytes(bytes);
  }

  private static BitWriter asc(BitWriter out) {
    return out.bits(2, 5).bits(3, 4).bits(2, 4).bits(0, 3); // AAC-LC, 48 kHz, stereo
  }

  private static List<String> read(LatmReader reader, ByteBuf frame) {
    List<String> blocks = new ArrayList<>();
    reader.read(frame, 0, (config, block) -> blocks.add(ByteBufUtil.hexDump(block)));
    return blocks;
  }

  @Test
  void configurationIsKeptForFramesWithoutOne() {
    LatmReader reader = new LatmReader();
    BitWriter without = new BitWriter().flag(true).bits(2, 8).bits(0xABCD, 16);
    assertThat(read(reader, frame(without))).isEmpty();
    // two sub-frames, 9 bits of other data
    BitWriter with = new BitWriter().flag(false).flag(false).flag(true).bits(1, 6).bits(0, 7);
    asc(with).bits(0, 3).bits(0xFF, 8).flag(true).flag(false).bits(9, 8).flag(true).bits(0x5A, 8);
    with.bits(1, 8).bits(0x11, 8).bits(2, 8).bits(0x2233, 16).bits(0x1FF, 9);
    assertThat(read(reader, frame(with))).containsExactly("11", "2233");
    BitWriter again = new BitWriter().flag(true).bits(1, 8).bits(0x44, 8).bits(1, 8).bits(0x55, 8);
    again.bits(0, 9);
    assertThat(read(reader, frame(again))).containsExactly("44", "55");
  }

  @Test
  void versionOneHasTheConfigurationsLength() {
    BitWriter out = new BitWriter().flag(false).flag(true).flag(false).bits(0, 2).bits(0xFF, 8);
    out.flag(true).bits(0, 6).bits(0, 7);
    out.bits(1, 2).bits(40, 16); // ascLen: 16 bits and 24 of SBR signalling
    asc(out).bits(0x2B7, 11).bits(5, 5).flag(false).bits(0, 7);
    out.bits(0, 3).bits(0xFF, 8).flag(false).flag(false);
    out.bits(255, 8).bits(1, 8);
    for (int i = 0; i < 256; i++) {
      out.bits(i, 8);
    }
    List<String> sizes = new ArrayList<>();
    new LatmReader()
        .read(
            frame(out),
            0,
            (config, block) -> {
              assertThat(config.sbr()).isEqualTo(AudioSpecificConfig.Sbr.ABSENT);
              sizes.add(Integer.toString(block.readableBytes()));
            });
    assertThat(sizes).containsExactly("256");
  }

  @Test
  void otherStructuresAreRefusedByName() {
    BitWriter versionA = new BitWriter().flag(false).flag(true).flag(true).bits(0, 32);
    assertUnsupported(versionA, "audioMuxVersionA 1");
    BitWriter layers = new BitWriter().flag(false).flag(false).flag(true).bits(0, 6).bits(0, 4);
    assertUnsupported(layers.bits(1, 3), "1 programs, 2 layers");
    BitWriter celp = new BitWriter().flag(false).flag(false).flag(true).bits(0, 6).bits(0, 7);
    assertUnsupported(asc(celp).bits(1, 3), "frameLengthType 1");
  }

  private static void assertUnsupported(BitWriter element, String message) {
    assertThatThrownBy(() -> read(new LatmReader(), frame(element)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.UNSUPPORTED))
        .hasMessageContaining(message);
  }

  @Test
  void survivesHostileBytes() {
    byte[] first = Arrays.copyOf(Fixtures.bytes("/latm/stereo.loas"), 142);
    HostileInput.feed(
        first,
        bytes -> new LatmReader().read(Unpooled.wrappedBuffer(bytes), 0, (config, block) -> {}));
    LatmReader reader = new LatmReader();
    HostileInput.feed(
        first, bytes -> reader.read(Unpooled.wrappedBuffer(bytes), 0, (config, block) -> {}));
  }
}
