package io.millrace.media.flv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.AudioCodec;
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
            case VideoTag.SequenceHeader header -> "";
            case VideoTag.EndOfSequence end -> "";
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
            case AudioTag.SequenceHeader header -> "";
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
        endings += video instanceof VideoTag.EndOfSequence ? 1 : 0;
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
          case VideoTag.SequenceHeader header -> {
            AvcConfiguration config = AvcConfiguration.parse(header.configuration());
            assertThat(config.toFormat().width()).isEqualTo(96);
            assertThat(config.toBytes()).isEqualTo(header.configuration());
          }
          case VideoTag.CodedFrames frames -> {
            AccessUnits.check(frames.payload(), 4);
            assertThat(AccessUnits.isIdr(frames.payload(), 4)).isEqualTo(frames.key());
          }
          case VideoTag.EndOfSequence end -> assertThat(end.codec()).isEqualTo(VideoCodec.H264);
          case VideoTag.Command command -> throw new AssertionError(command);
        }
      } else if (tag.type == AUDIO
          && AudioTag.parse(tag.body) instanceof AudioTag.SequenceHeader header) {
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
    "1c 00 000000,              video codec 12 (HEVC without an Enhanced RTMP header)",
    "90 68766331 00,            video codec hvc1 (HEVC)",
    "a1 61763031 00,            video codec av01 (AV1)",
    "91 76703039,               video codec vp09 (VP9)",
    "91 61766331,               video codec avc1 (H.264 in an Enhanced RTMP header)",
    "97 02 aabbcc 01 68766331,  video codec hvc1 (HEVC)",
    "96 00 68766331 01,         video codec hvc1 (HEVC) in a multitrack message",
    "91 0a1b2c41,               video codec ??,A",
    "d0 00,                     Enhanced RTMP video command"
  })
  void otherVideoIsRefusedByName(String body, String message) {
    assertRefused(() -> VideoTag.parse(hex(body)), message.replace(",", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "2f ff,              audio codec 2 (MP3)",
    "b2 00,              audio codec 11 (Speex)",
    "7e,                 audio codec 7 (G.711 A-law)",
    "90 4f707573,        audio codec Opus",
    "91 664c6143 00,     audio codec fLaC (FLAC)",
    "95 01 4f707573 01,  audio codec Opus in a multitrack message",
    "97 00 00 01 2e6d7033, audio codec .mp3 (MP3)"
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
  void onlyTheCodecsOfTheFormatAreWritten() {
    assertThatThrownBy(() -> new VideoTag.EndOfSequence(VideoCodec.AV1).write(Unpooled.buffer()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new AudioTag.SequenceHeader(AudioCodec.OPUS, new byte[2]).write(Unpooled.buffer()))
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
