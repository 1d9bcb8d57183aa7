package io.millrace.media.flv;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Fixtures;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.av1.TemporalUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.AccessUnits;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.mp3.Mp3Frame;
import io.millrace.media.opus.OpusConfiguration;
import io.millrace.media.opus.OpusPackets;
import io.millrace.media.vp9.FrameHeader;
import io.millrace.media.vp9.Vp9Configuration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole files of FFmpeg 8, whose FLV tags are the messages that it pushes. */
class EnhancedFileTest {
  private static final int AUDIO = 8;
  private static final int VIDEO = 9;

  private interface Visitor {
    void video(int timestampMs, VideoTag tag, ByteBuf body);

    void audio(int timestampMs, AudioTag tag, ByteBuf body);
  }

  private static void read(String name, Visitor visitor) {
    ByteBuf in = Unpooled.wrappedBuffer(Fixtures.bytes("/flv/" + name + ".flv"));
    in.skipBytes(9 + 4);
    while (in.isReadable()) {
      int type = in.readUnsignedByte();
      int size = in.readUnsignedMedium();
      int timestampMs = in.readUnsignedMedium() | in.readUnsignedByte() << 24;
      in.skipBytes(3);
      ByteBuf body = in.readSlice(size);
      if (type == VIDEO) {
        VideoTag.parse(body, tag -> visitor.video(timestampMs, tag, body));
      } else if (type == AUDIO) {
        AudioTag.parse(body, tag -> visitor.audio(timestampMs, tag, body));
      }
      in.skipBytes(4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hevc_opus", "hevc_hdr10_aac", "av1_aac", "vp9_mp3", "multitrack"})
  void readsThePacketsThatFfprobeReads(String name) {
    List<String> packets = new ArrayList<>();
    read(
        name,
        new Visitor() {
          @Override
          public void video(int timestampMs, VideoTag tag, ByteBuf body) {
            if (tag instanceof VideoTag.CodedFrames frames) {
              int ptsMs = timestampMs + frames.compositionOffsetMs();
              int size = frames.payload().readableBytes();
              String flags = frames.key() ? "K__" : "___";
              packets.add("video,%d,%d,%d,%s".formatted(ptsMs, timestampMs, size, flags));
            }
          }

          @Override
          public void audio(int timestampMs, AudioTag tag, ByteBuf body) {
            if (tag instanceof AudioTag.CodedFrames frames) {
              int size = frames.payload().readableBytes();
              packets.add("audio,%d,%d,%d,K__".formatted(timestampMs, timestampMs, size));
            }
          }
        });
    List<String> expected =
        new String(Fixtures.bytes("/flv/" + name + ".packets.csv"), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(packets).isEqualTo(expected).hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hevc_opus", "hevc_hdr10_aac", "av1_aac", "vp9_mp3", "multitrack"})
  void configurationsAndFramesAreWhatTheyClaim(String name) {
    read(
        name,
        new Visitor() {
          @Override
          public void video(int timestampMs, VideoTag tag, ByteBuf body) {
            switch (tag) {
              case VideoTag.SequenceStart start -> checkConfiguration(start);
              case VideoTag.CodedFrames frames -> assertThat(isKey(frames)).isEqualTo(frames.key());
              case VideoTag.Metadata metadata ->
                  assertThat(metadata.payload().toString(3, 9, StandardCharsets.US_ASCII))
                      .isEqualTo("colorInfo");
              case VideoTag.SequenceEnd _, VideoTag.Command _ -> {}
            }
          }

          @Override
          public void audio(int timestampMs, AudioTag tag, ByteBuf body) {
            switch (tag) {
              case AudioTag.SequenceStart start -> checkConfiguration(start);
              case AudioTag.CodedFrames frames -> checkFrames(frames);
              case AudioTag.MultichannelConfig config ->
                  assertThat(config.layout()).isEqualTo(new ChannelLayout.Native(1, 4));
              case AudioTag.SequenceEnd _ -> {}
            }
          }
        });
  }

  private static void checkConfiguration(VideoTag.SequenceStart start) {
    byte[] record = start.configuration();
    int width =
        switch (start.codec()) {
          case H264 -> AvcConfiguration.parse(record).toFormat().width();
          case HEVC -> {
            HevcConfiguration config = HevcConfiguration.parse(record);
            // FFmpeg leaves array_completeness 0 here, as for hev1; in the record it is 1.
            assertThat(config.toBytes()).hasSameSizeAs(record);
            yield config.toFormat().width();
          }
          case AV1 -> Av1Configuration.parse(record).toFormat().width();
          case VP9 -> {
            assertThat(Vp9Configuration.parse(record).codecs()).isEqualTo("vp09.00.10.08");
            yield 96;
          }
        };
    assertThat(width).isEqualTo(96);
  }

  private static boolean isKey(VideoTag.CodedFrames frames) {
    ByteBuf payload = frames.payload();
    return switch (frames.codec()) {
      case H264 -> io.millrace.media.h264.AccessUnits.isIdr(payload, 4);
      case HEVC -> AccessUnits.isIrap(payload, 4);
      case AV1 -> TemporalUnits.isKeyFrame(payload);
      case VP9 -> FrameHeader.isKeyFrame(payload);
    };
  }

  private static void checkConfiguration(AudioTag.SequenceStart start) {
    switch (start.codec()) {
      case AAC ->
          assertThat(AudioSpecificConfig.parse(start.configuration()).sampleRate())
              .isEqualTo(48_000);
      case OPUS ->
          assertThat(OpusConfiguration.parseHead(start.configuration()).preSkipSamples())
              .isEqualTo(312);
      case MP3 -> throw new AssertionError("MP3 has no configuration");
    }
  }

  private static void checkFrames(AudioTag.CodedFrames frames) {
    switch (frames.codec()) {
      case AAC -> assertThat(frames.payload().isReadable()).isTrue();
      case OPUS -> assertThat(OpusPackets.samples(frames.payload())).isEqualTo(960);
      case MP3 -> {
        int[] count = {0};
        Mp3Frame.split(frames.payload(), (frame, bytes) -> count[0]++);
        assertThat(count[0]).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hevc_opus", "hevc_hdr10_aac", "av1_aac", "multitrack"})
  void writesTheVideoBodiesThatItRead(String name) {
    int[] written = {0};
    read(
        name,
        new Visitor() {
          @Override
          public void video(int timestampMs, VideoTag tag, ByteBuf body) {
            ByteBuf out = Unpooled.buffer();
            tag.write(out);
            if (tag instanceof VideoTag.Metadata) {
              // FrameType is to be ignored: FFmpeg has 5 there.
              out.setByte(0, body.getByte(body.readerIndex()));
            }
            assertThat(ByteBufUtil.hexDump(out)).isEqualTo(ByteBufUtil.hexDump(body));
            written[0]++;
          }

          @Override
          public void audio(int timestampMs, AudioTag tag, ByteBuf body) {}
        });
    assertThat(written[0]).isGreaterThan(10);
  }

  @ParameterizedTest
  @CsvSource({"0, H264", "1, HEVC", "2, AV1"})
  void tracksKeepTheirNumbers(int trackId, VideoCodec codec) {
    int[] frames = {0};
    read(
        "multitrack",
        new Visitor() {
          @Override
          public void video(int timestampMs, VideoTag tag, ByteBuf body) {
            if (tag instanceof VideoTag.CodedFrames coded && coded.trackId() == trackId) {
              assertThat(coded.codec()).isEqualTo(codec);
              frames[0]++;
            }
          }

          @Override
          public void audio(int timestampMs, AudioTag tag, ByteBuf body) {}
        });
    assertThat(frames[0]).isEqualTo(9);
  }
}
