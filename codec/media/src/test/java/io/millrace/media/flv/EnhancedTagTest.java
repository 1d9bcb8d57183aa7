package io.millrace.media.flv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.AudioCodec;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Enhanced RTMP v2 headers, byte by byte. */
class EnhancedTagTest {
  private static final String AVC = "61766331";
  private static final String HEVC = "68766331";
  private static final String AV1 = "61763031";
  private static final String OPUS = "4f707573";

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
  }

  private static List<VideoTag> video(ByteBuf body) {
    List<VideoTag> tags = new ArrayList<>();
    VideoTag.parse(body, tags::add);
    return tags;
  }

  private static List<AudioTag> audio(ByteBuf body) {
    List<AudioTag> tags = new ArrayList<>();
    AudioTag.parse(body, tags::add);
    return tags;
  }

  /** One table for both directions: body, then what it says. */
  @ParameterizedTest
  @FieldSource("io.millrace.media.flv.EnhancedTagCases#VIDEO")
  void videoBothWays(EnhancedTagCases.Case row) {
    ByteBuf in = hex(row.body());
    VideoTag tag = VideoTag.parse(in);
    assertThat(describe(tag)).isEqualTo(row.meaning());
    ByteBuf out = Unpooled.buffer();
    tag.writeEnhanced(out);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo(ByteBufUtil.hexDump(in));
  }

  private static String describe(VideoTag tag) {
    return switch (tag) {
      case VideoTag.SequenceStart t ->
          "start " + t.codec() + " " + t.trackId() + " " + dump(t.configuration());
      case VideoTag.CodedFrames t ->
          "frames %s %d %s %+d %dns %s"
              .formatted(
                  t.codec(),
                  t.trackId(),
                  t.key() ? "key" : "-",
                  t.compositionOffsetMs(),
                  t.timestampOffsetNanos(),
                  ByteBufUtil.hexDump(t.payload()));
      case VideoTag.SequenceEnd t -> "end " + t.codec() + " " + t.trackId();
      case VideoTag.Metadata t ->
          "metadata " + t.codec() + " " + t.trackId() + " " + ByteBufUtil.hexDump(t.payload());
      case VideoTag.Command t -> "command " + t.code();
    };
  }

  @ParameterizedTest
  @FieldSource("io.millrace.media.flv.EnhancedTagCases#AUDIO")
  void audioBothWays(EnhancedTagCases.Case row) {
    ByteBuf in = hex(row.body());
    AudioTag tag = AudioTag.parse(in);
    assertThat(describe(tag)).isEqualTo(row.meaning());
    ByteBuf out = Unpooled.buffer();
    tag.writeEnhanced(out);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo(ByteBufUtil.hexDump(in));
  }

  private static String describe(AudioTag tag) {
    return switch (tag) {
      case AudioTag.SequenceStart t ->
          "start " + t.codec() + " " + t.trackId() + " " + dump(t.configuration());
      case AudioTag.CodedFrames t ->
          "frames %s %d %dns %s"
              .formatted(
                  t.codec(),
                  t.trackId(),
                  t.timestampOffsetNanos(),
                  ByteBufUtil.hexDump(t.payload()));
      case AudioTag.SequenceEnd t -> "end " + t.codec() + " " + t.trackId();
      case AudioTag.MultichannelConfig t ->
          "config " + t.codec() + " " + t.trackId() + " " + t.layout();
    };
  }

  private static String dump(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void manyTracksOfOneCodec() {
    ByteBuf body =
        hex("96 11" + HEVC + "00 000005 000021 aabb" + "01 000004 fffff0 cc" + "09 000003 000000");
    assertThat(video(body))
        .extracting(EnhancedTagTest::describe)
        .containsExactly(
            "frames HEVC 0 key +33 0ns aabb",
            "frames HEVC 1 key -16 0ns cc",
            "frames HEVC 9 key +0 0ns ");
    ByteBuf out = Unpooled.buffer();
    VideoTag.writeMultitrack(video(body), out);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo(ByteBufUtil.hexDump(body));
  }

  @Test
  void manyTracksOfManyCodecs() {
    ByteBuf body = hex("96 20" + AVC + "00 000002 0142" + AV1 + "01 000001 81");
    assertThat(video(body))
        .extracting(EnhancedTagTest::describe)
        .containsExactly("start H264 0 0142", "start AV1 1 81");
    ByteBuf out = Unpooled.buffer();
    VideoTag.writeMultitrack(video(body), out);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo(ByteBufUtil.hexDump(body));

    ByteBuf sound = hex("95 21" + OPUS + "00 000001 fc" + "6d703461" + "03 000002 2110");
    assertThat(audio(sound))
        .extracting(EnhancedTagTest::describe)
        .containsExactly("frames OPUS 0 0ns fc", "frames AAC 3 0ns 2110");
    out.clear();
    AudioTag.writeMultitrack(audio(sound), out);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo(ByteBufUtil.hexDump(sound));
  }

  @Test
  void modExPacketsAreStackedAndUnknownOnesSteppedOver() {
    ByteBuf padding = Unpooled.buffer();
    padding.writeByte(0x97).writeByte(255).writeShort(299).writeZero(300).writeByte(0x57);
    padding.writeBytes(hex("00 00 f7" + "03 000005ff 01" + AV1 + "ab"));
    assertThat(describe(VideoTag.parse(padding))).isEqualTo("frames AV1 0 key +0 5ns ab");
  }

  @Test
  void theOldestHeaderThatCanCarryATagIsWritten() {
    assertThat(written(new VideoTag.SequenceStart(VideoCodec.H264, new byte[] {1}), false))
        .isEqualTo("170000000001");
    assertThat(written(new VideoTag.SequenceStart(VideoCodec.H264, new byte[] {1}), true))
        .isEqualTo("90" + AVC + "01");
    assertThat(written(new VideoTag.SequenceStart(VideoCodec.HEVC, new byte[] {1}), false))
        .isEqualTo("90" + HEVC + "01");
    assertThat(written(new VideoTag.SequenceStart(VideoCodec.H264, 1, new byte[] {1}), false))
        .isEqualTo("9600" + AVC + "0101");
    ByteBuf payload = hex("aa");
    assertThat(written(new VideoTag.CodedFrames(VideoCodec.H264, 0, false, 4, 7, payload), false))
        .isEqualTo("a702" + "000007" + "01" + AVC + "000004aa");
    assertThat(written(new VideoTag.Metadata(VideoCodec.H264, 0, payload), false))
        .isEqualTo("94" + AVC + "aa");
    ByteBuf out = Unpooled.buffer();
    new AudioTag.CodedFrames(AudioCodec.AAC, 0, 7, payload).write(out);
    new AudioTag.SequenceEnd(AudioCodec.AAC, 0).write(out);
    assertThat(ByteBufUtil.hexDump(out))
        .isEqualTo("9702" + "000007" + "01" + "6d703461aa" + "926d703461");
    assertThat(payload.readableBytes()).isEqualTo(1);
  }

  private static String written(VideoTag tag, boolean enhanced) {
    ByteBuf out = Unpooled.buffer();
    if (enhanced) {
      tag.writeEnhanced(out);
    } else {
      tag.write(out);
    }
    return ByteBufUtil.hexDump(out);
  }

  @Test
  void codecsOfOldHeadersWithoutASpecification() {
    assertThat(describe(VideoTag.parse(hex("1c 00 000000 01")))).isEqualTo("start HEVC 0 01");
    assertThat(describe(VideoTag.parse(hex("2c 01 000010 aa"))))
        .isEqualTo("frames HEVC 0 - +16 0ns aa");
    assertThat(describe(AudioTag.parse(hex("2f fffb")))).isEqualTo("frames MP3 0 0ns fffb");
    assertThat(describe(AudioTag.parse(hex("e2 ffe3")))).isEqualTo("frames MP3 0 0ns ffe3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "91",
        "91 6876",
        "91 68766331 0000", // composition time
        "81 68766331 000000", // FrameType 0
        "97 01 0000 01 61763031 aa", // TimestampOffsetNano of two bytes
        "97 02 000000", // no packet type behind it
        "97 ff ffff 00",
        "96", // Multitrack without its type
        "96 06 61763031 00", // Multitrack inside Multitrack
        "96 07 61763031 00", // ModEx inside Multitrack
        "96 01 61763031", // OneTrack without a track
        "96 11 61763031", // ManyTracks without a track
        "96 11 61763031 00 0000",
        "96 11 61763031 00 000002 aa",
        "96 11 61763031 00 ffffff aa",
        "96 21 61763031 00 000001 aa 6876",
        "d0"
      })
  void malformedVideo(String body) {
    assertThatThrownBy(() -> video(hex(body)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "94 4f707573 00",
        "94 4f707573 01 02 000000",
        "94 4f707573 02 03 0102",
        "95 05 4f"
      })
  void malformedAudio(String body) {
    assertThatThrownBy(() -> audio(hex(body)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
  }

  @Test
  void tracksOfOneMessageAreBounded() {
    ByteBuf body = hex("96 11" + AV1);
    ByteBuf many = Unpooled.buffer().writeBytes(body);
    for (int i = 0; i < 32; i++) {
      many.writeByte(i).writeMedium(0);
    }
    assertThat(video(many)).hasSize(32);
    many.writeByte(32).writeMedium(0);
    assertThatThrownBy(() -> video(many)).hasMessageContaining("more than 32 tracks");
  }

  @Test
  void tagsThatDoNotShareAHeaderAreNotWrittenTogether() {
    VideoTag start = new VideoTag.SequenceStart(VideoCodec.AV1, new byte[1]);
    VideoTag frame = new VideoTag.CodedFrames(VideoCodec.AV1, true, 0, hex("00"));
    VideoTag inter = new VideoTag.CodedFrames(VideoCodec.AV1, false, 0, hex("00"));
    for (List<VideoTag> tags :
        List.of(List.of(start, frame), List.of(frame, inter), List.<VideoTag>of())) {
      assertThatThrownBy(() -> VideoTag.writeMultitrack(tags, Unpooled.buffer()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "97020f423f0368766331eeff",
        "9611687663310000000500002100aabb01000004fffff0cc",
        "962061766331000000020142617630310100000181",
        "9601617663310700000942",
        "94687663310200"
      })
  void survivesHostileVideo(String seed) {
    HostileInput.feed(HexFormat.of().parseHex(seed), bytes -> video(Unpooled.wrappedBuffer(bytes)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "97020003e8014f707573fc",
        "95214f70757300000001fc6d703461030000022110",
        "95044f70757301020201fe",
        "954f"
      })
  void survivesHostileAudio(String seed) {
    HostileInput.feed(HexFormat.of().parseHex(seed), bytes -> audio(Unpooled.wrappedBuffer(bytes)));
  }
}
