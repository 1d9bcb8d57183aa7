package io.millrace.media.flv;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Fixtures;
import io.millrace.media.FuzzSeeds;
import io.millrace.media.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Fuzz target: the bodies of FLV video and audio tags with the headers of Enhanced RTMP v2. The
 * first byte says which, the rest is the body. Every tag that is read can be written, in both
 * headers, and reads the same again; a message of several tracks is no more than its bytes.
 */
public final class FlvTagFuzz {
  private static final int AUDIO = 8;
  private static final int VIDEO = 9;

  private FlvTagFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length >= 2) {
      byte[] body = Arrays.copyOfRange(data, 1, data.length);
      HostileInput.offer(body, data[0] % 2 == 0 ? FlvTagFuzz::audio : FlvTagFuzz::video);
    }
  }

  public static List<byte[]> seeds() {
    FuzzSeeds seeds = new FuzzSeeds();
    for (String name : List.of("multitrack", "hevc_hdr10_aac", "hevc_opus", "av1_aac", "vp9_mp3")) {
      ByteBuf in = Unpooled.wrappedBuffer(Fixtures.bytes("/flv/" + name + ".flv"));
      in.skipBytes(9 + 4);
      while (in.isReadable()) {
        int type = in.readUnsignedByte();
        int sizeBytes = in.readUnsignedMedium();
        in.skipBytes(7);
        byte[] body = ByteBufUtil.getBytes(in.readSlice(sizeBytes));
        if (type == AUDIO || type == VIDEO) {
          seeds.add(new byte[] {(byte) type}, Arrays.copyOf(body, Math.min(256, body.length)));
        }
        in.skipBytes(4);
      }
    }
    EnhancedTagCases.VIDEO.forEach(row -> seeds.hex(VIDEO, row.body()));
    EnhancedTagCases.AUDIO.forEach(row -> seeds.hex(AUDIO, row.body()));
    return seeds
        .hex(VIDEO, "17 00 000000 0164001e", "27 01 000021 0000", "17 02 000000")
        .hex(AUDIO, "af 00 1210", "af 01 2110", "2f fffb9064", "ee ff")
        .list();
  }

  private static void video(byte[] body) {
    ByteBuf in = Unpooled.wrappedBuffer(body);
    List<VideoTag> tags = new ArrayList<>();
    VideoTag.parse(in, tags::add);
    assertThat(in.readerIndex()).isZero();
    assertThat(tags).hasSizeBetween(1, EnhancedMessage.MAXIMUM_TRACKS);
    int mediaBytes = 0;
    for (VideoTag tag : tags) {
      ByteBuf out = Unpooled.buffer();
      tag.write(out);
      assertThat(describe(VideoTag.parse(out))).isEqualTo(describe(tag));
      tag.writeEnhanced(out.clear());
      assertThat(describe(VideoTag.parse(out))).isEqualTo(describe(tag));
      mediaBytes +=
          switch (tag) {
            case VideoTag.SequenceStart start -> start.configuration().length;
            case VideoTag.CodedFrames frames -> frames.payload().readableBytes();
            case VideoTag.Metadata metadata -> metadata.payload().readableBytes();
            case VideoTag.SequenceEnd _, VideoTag.Command _ -> 0;
          };
    }
    assertThat(mediaBytes).isLessThan(body.length);
    assertThat(in.refCnt()).isOne();
  }

  private static void audio(byte[] body) {
    ByteBuf in = Unpooled.wrappedBuffer(body);
    List<AudioTag> tags = new ArrayList<>();
    AudioTag.parse(in, tags::add);
    assertThat(in.readerIndex()).isZero();
    assertThat(tags).hasSizeBetween(1, EnhancedMessage.MAXIMUM_TRACKS);
    int mediaBytes = 0;
    for (AudioTag tag : tags) {
      ByteBuf out = Unpooled.buffer();
      tag.write(out);
      assertThat(describe(AudioTag.parse(out))).isEqualTo(describe(tag));
      tag.writeEnhanced(out.clear());
      assertThat(describe(AudioTag.parse(out))).isEqualTo(describe(tag));
      mediaBytes +=
          switch (tag) {
            case AudioTag.SequenceStart start -> start.configuration().length;
            case AudioTag.CodedFrames frames -> frames.payload().readableBytes();
            case AudioTag.SequenceEnd _, AudioTag.MultichannelConfig _ -> 0;
          };
    }
    assertThat(mediaBytes).isLessThan(body.length);
    assertThat(in.refCnt()).isOne();
  }

  /** Everything that a tag says, in words that can be compared. */
  private static String describe(VideoTag tag) {
    return switch (tag) {
      case VideoTag.SequenceStart t ->
          "start " + t.codec() + t.trackId() + hex(Unpooled.wrappedBuffer(t.configuration()));
      case VideoTag.CodedFrames t ->
          List.of(
                  t.codec(),
                  t.trackId(),
                  t.key(),
                  t.compositionOffsetMs(),
                  t.timestampOffsetNanos(),
                  hex(t.payload()))
              .toString();
      case VideoTag.Metadata t -> "metadata " + t.codec() + t.trackId() + hex(t.payload());
      case VideoTag.SequenceEnd _, VideoTag.Command _ -> tag.toString();
    };
  }

  private static String describe(AudioTag tag) {
    return switch (tag) {
      case AudioTag.SequenceStart t ->
          "start " + t.codec() + t.trackId() + hex(Unpooled.wrappedBuffer(t.configuration()));
      case AudioTag.CodedFrames t ->
          List.of(t.codec(), t.trackId(), t.timestampOffsetNanos(), hex(t.payload())).toString();
      case AudioTag.MultichannelConfig t ->
          t.codec()
              + " "
              + t.trackId()
              + (t.layout() instanceof ChannelLayout.Custom custom
                  ? HexFormat.of().formatHex(custom.speakers())
                  : t.layout());
      case AudioTag.SequenceEnd _ -> tag.toString();
    };
  }

  private static String hex(ByteBuf bytes) {
    return ByteBufUtil.hexDump(bytes);
  }
}
