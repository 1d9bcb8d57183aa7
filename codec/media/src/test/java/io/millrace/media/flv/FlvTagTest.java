package io.millrace.media.flv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.h264.AccessUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlvTagTest {
  private static final int AUDIO = 8;
  private static final int VIDEO = 9;

  private record FileTag(int type, int timestampMs, ByteBuf body) {}

  /** The tags of an FLV file (FLV v10.1 §E.4.1), as FFmpeg wrote it. */
  private static List<FileTag> file() {
    ByteBuf in = Unpooled.wrappedBuffer(Fixtures.bytes("/flv/bframes.flv"));
    in.skipBytes(9 + 4);
    List<FileTag> tags = new ArrayList<>();
    while (in.isReadable()) {
      int type = in.readUnsignedByte();
      int size = in.readUnsignedMedium();
      int timestamp = in.readUnsignedMedium() | in.readUnsignedByte() << 24;
      in.skipBytes(3);
      tags.add(new FileTag(type, timestamp, in.readSlice(size)));
      in.skipBytes(4);
    }
    return tags;
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
  }

  private static String packet(FileTag tag) {
    return switch (tag.type) {
      case VIDEO ->
          switch (VideoTag.parse(tag.body)) {
            case VideoTag.CodedFrames frames ->
                String.join(
                    ",",
                    "video",
                    Integer.toString(tag.timestampMs + frames.compositionOffsetMs()),
                    Integer.toString(tag.timestampMs),
                    Integer.toString(frames.payload().readableBytes()),
                    frames.key() ? "K_" : "__");
            case VideoTag.SequenceStart header -> "";
            case VideoTag.SequenceEnd end -> "";
            case VideoTag.Metadata metadata -> "";
            case VideoTag.Command command -> "";
          };
      case AUDIO ->
          switch (AudioTag.parse(tag.body)) {
            case AudioTag.CodedFrames frames ->
                String.join(
                    ",",
                    "audio",
                    Integer.toString(tag.timestampMs),
                    Integer.toString(tag.timestampMs),
                    Integer.toString(frames.payload().readableBytes()),
                    "K_");
            case AudioTag.SequenceStart header -> "";
            case AudioTag.SequenceEnd end -> "";
            case AudioTag.MultichannelConfig config -> "";
          };
      default -> "";
    };
  }

  @Test
  void readsThePacketsThatFfprobeReads() {
    List<String> packets =
        file().stream().map(FlvTagTest::packet).filter(p -> !p.isEmpty()).toList();
    List<String> expected =
        new String(Fixtures.bytes("/flv/bframes.packets.csv"), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(packets).isEqualTo(expected).hasSizeGreaterThan(100);
  }

  @Test
  void writesTheBodiesThatItRead() {
    int endings = 0;
    for (FileTag tag : file()) {
      if (tag.type != AUDIO && tag.type != VIDEO) {
        continue;
      }
      ByteBuf out = Unpooled.buffer();
      if (tag.type == VIDEO) {
        VideoTag video = VideoTag.parse(tag.body);
        video.write(out);
        endings += video instanceof VideoTag.SequenceEnd ? 1 : 0;
      } else {
        AudioTag.parse(tag.body).write(out);
        // FFmpeg writes SoundType 0 for mono; for AAC the bit says nothing and is written as 1.
        out.setByte(0, tag.body.getByte(tag.body.readerIndex()));
      }
      assertThat(out).isEqualTo(tag.body);
    }
    assertThat(endings).isEqualTo(1);
  }

  @Test
  void headersHoldTheConfigurationsAndFramesTileExactly() {
    for (FileTag tag : file()) {
      if (tag.type == VIDEO) {
        switch (VideoTag.parse(tag.body)) {
          case VideoTag.SequenceStart header -> {
            AvcConfiguration config = AvcConfiguration.parse(header.configuration());
            assertThat(config.toFormat().width()).isEqualTo(96);
            assertThat(config.toBytes()).isEqualTo(header.configuration());
          }
          case VideoTag.CodedFrames frames -> {
            AccessUnits.check(frames.payload(), 4);
            assertThat(AccessUnits.isIdr(frames.payload(), 4)).isEqualTo(frames.key());
          }
          case VideoTag.SequenceEnd end -> assertThat(end.codec()).isEqualTo(VideoCodec.H264);
          case VideoTag.Metadata metadata -> throw new AssertionError(metadata);
          case VideoTag.Command command -> throw new AssertionError(command);
        }
      } else if (tag.type == AUDIO
          && AudioTag.parse(tag.body) instanceof AudioTag.SequenceStart header) {
        assertThat(AudioSpecificConfig.parse(header.configuration()).toFormat().sampleRate())
            .isEqualTo(44_100);
      }
    }
  }

  @Test
  void payloadIsABorrowedSlice() {
    ByteBuf body = hex("ff 27 01 fffff0 0000000165");
    body.skipBytes(1);
    VideoTag.CodedFrames frames = (VideoTag.CodedFrames) VideoTag.parse(body);
    assertThat(frames.compositionOffsetMs()).isEqualTo(-16);
    assertThat(frames.key()).isFalse();
    assertThat(body.readerIndex()).isEqualTo(1);
    assertThat(body.refCnt()).isEqualTo(1);
    assertThat(frames.payload()).isEqualTo(hex("0000000165"));
    body.release();
    assertThat(frames.payload().refCnt()).isZero();
  }

  @Test
  void commandFramesCarryNoPicture() {
    assertThat(VideoTag.parse(hex("5700"))).isEqualTo(new VideoTag.Command(0));
    ByteBuf out = Unpooled.buffer();
    new VideoTag.Command(1).write(out);
    assertThat(out).isEqualTo(hex("5701"));
  }

  @ParameterizedTest
  @CsvSource({
    "22 00,                     video codec 2 (Sorenson H.263)",
    "14,                        video codec 4 (On2 VP6)",
    "1d 00 000000,              video codec 13 (AV1 without an Enhanced RTMP header)",
    "90 76766331 00,            video codec vvc1 (VVC)",
    "91 76703038,               video codec vp08 (VP8)",
    "97 02 aabbcc 01 76766331,  video codec vvc1 (VVC)",
    "96 00 76766331 01,         video codec vvc1 (VVC)",
    "91 0a1b2c41,               video codec ???A",
    "95 61763031,               Enhanced RTMP video MPEG2TSSequenceStart",
    "99 61763031,               Enhanced RTMP video PacketType 9",
    "96 30 61763031 00,         Enhanced RTMP video AvMultitrackType 3",
    "96 11 61763031 01 000001 00 02 000001 00, several tracks in one message"
  })
  void otherVideoIsRefusedByName(String body, String message) {
    assertRefused(() -> VideoTag.parse(hex(body)), message);
  }

  @ParameterizedTest
  @CsvSource({
    "b2 00,              audio codec 11 (Speex)",
    "7e,                 audio codec 7 (G.711 A-law)",
    "91 664c6143 00,     audio codec fLaC (FLAC)",
    "90 61632d33,        audio codec ac-3 (AC-3)",
    "95 01 65632d33 01,  audio codec ec-3 (E-AC-3)",
    "97 02 00000f 01 2e6d7032, audio codec .mp2",
    "93 4f707573,        Enhanced RTMP audio PacketType 3",
    "94 4f707573 03 02,  Enhanced RTMP AudioChannelOrder 3"
  })
  void otherAudioIsRefusedByName(String body, String message) {
    assertRefused(() -> AudioTag.parse(hex(body)), message);
  }

  private static void assertRefused(ThrowingCallable parse, String message) {
    assertThatThrownBy(parse)
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.UNSUPPORTED))
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "17",
        "1701",
        "17010000",
        "1703000000",
        "07 01 000000",
        "67 01 000000",
        "57",
        "91",
        "97ff",
        "97ffffff",
        "9168"
      })
  void malformedVideo(String body) {
    assertThatThrownBy(() -> VideoTag.parse(hex(body)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "af", "af02", "9f", "95", "9700"})
  void malformedAudio(String body) {
    assertThatThrownBy(() -> AudioTag.parse(hex(body)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
  }

  @Test
  void compositionTimeIsTwentyFourBitsSigned() {
    for (int offset : new int[] {-(1 << 23), -1, 0, (1 << 23) - 1}) {
      ByteBuf out = Unpooled.buffer();
      new VideoTag.CodedFrames(VideoCodec.H264, true, offset, hex("0000000165")).write(out);
      assertThat(((VideoTag.CodedFrames) VideoTag.parse(out)).compositionOffsetMs())
          .isEqualTo(offset);
    }
    assertThatThrownBy(
            () ->
                new VideoTag.CodedFrames(VideoCodec.H264, true, 1 << 23, hex("65"))
                    .write(Unpooled.buffer()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void survivesHostileBytes() {
    for (String seed :
        new String[] {"17010000020000000165", "9702aabbcc0668766331", "5701", "17000000000164"}) {
      HostileInput.feed(
          HexFormat.of().parseHex(seed), bytes -> VideoTag.parse(Unpooled.wrappedBuffer(bytes)));
    }
    for (String seed : new String[] {"af001190", "af0121", "95014f70757301", "97000001"}) {
      HostileInput.feed(
          HexFormat.of().parseHex(seed), bytes -> AudioTag.parse(Unpooled.wrappedBuffer(bytes)));
    }
  }
}
