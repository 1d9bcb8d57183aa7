package io.millrace.media.mp3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Mp3FrameTest {

  /** Frame sizes as ffprobe gives them for LAME's files. */
  @ParameterizedTest
  @CsvSource({
    "mpeg1_stereo_vbr, 44100, 2, 1152, 626 130 104 104 104 104 104 104 104 104 104 156 104",
    "mpeg2_mono_24k,   24000, 1, 576,  96",
    "mpeg25_8k,        8000,  1, 576,  144"
  })
  void splitsIntoTheFramesThatFfprobeSees(
      String name, int sampleRate, int channels, int samplesPerFrame, String sizes) {
    ByteBuf file = Unpooled.wrappedBuffer(Fixtures.bytes("/mp3/" + name + ".mp3"));
    List<Mp3Frame> frames = new ArrayList<>();
    int[] total = {0};
    Mp3Frame.split(
        file,
        (frame, bytes) -> {
          assertThat(bytes.readableBytes()).isEqualTo(frame.sizeBytes());
          total[0] += bytes.readableBytes();
          frames.add(frame);
        });
    assertThat(total[0]).isEqualTo(file.readableBytes());
    List<Integer> found = frames.stream().map(Mp3Frame::sizeBytes).toList();
    List<Integer> expected = sizes(sizes, found.size());
    assertThat(found).isEqualTo(expected);
    for (Mp3Frame frame : frames) {
      TrackFormat.Audio format = frame.toFormat();
      assertThat(format.sampleRate()).isEqualTo(sampleRate);
      assertThat(format.channels()).isEqualTo(channels);
      assertThat(format.samplesPerFrame()).isEqualTo(samplesPerFrame);
      assertThat(format.codecs()).isEqualTo("mp4a.40.34");
      assertThat(format).isEqualTo(frames.getFirst().toFormat());
    }
  }

  /** One size stands for all frames of a constant bitrate. */
  private static List<Integer> sizes(String text, int count) {
    List<Integer> sizes = new ArrayList<>();
    for (String size : text.split(" ")) {
      sizes.add(Integer.parseInt(size));
    }
    while (sizes.size() < count && !text.contains(" ")) {
      sizes.add(sizes.getFirst());
    }
    return sizes;
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text));
  }

  @ParameterizedTest
  @CsvSource({
    "fffb9064, 44100, 2, 1152, 128000, 417",
    "fffb9264, 44100, 2, 1152, 128000, 418", // padded
    "fffbe444, 48000, 2, 1152, 320000, 960",
    "fff318c4, 16000, 1, 576,  8000,   36",
    "ffe380c4, 11025, 1, 576,  64000,  417"
  })
  void headers(String header, int rate, int channels, int samples, int bitrate, int size) {
    assertThat(Mp3Frame.parse(hex(header), 0))
        .isEqualTo(new Mp3Frame(rate, channels, samples, bitrate, size));
  }

  @ParameterizedTest
  @CsvSource({
    "fffd9064, UNSUPPORTED, MPEG audio layer II",
    "ffff9064, UNSUPPORTED, MPEG audio layer I",
    "fffb0064, UNSUPPORTED, MP3 in free format",
    "fffbf064, MALFORMED, MP3 frame: reserved value",
    "fffb9c64, MALFORMED, MP3 frame: reserved value",
    "ffeb9064, MALFORMED, MP3 frame: reserved value",
    "fff99064, MALFORMED, MP3 frame: reserved value",
    "49443303, MALFORMED, MP3 frame: no syncword",
    "fffb90,   MALFORMED, MP3 frame: ends early"
  })
  void othersAreRefusedByName(String header, MediaFormatException.Kind kind, String message) {
    assertThatThrownBy(() -> Mp3Frame.parse(hex(header), 0))
        .isInstanceOfSatisfying(
            MediaFormatException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageStartingWith(message);
  }

  @Test
  void aTagBehindTheLastFrameIsLeftOut() {
    ByteBuf payload = Unpooled.buffer().writeBytes(hex("fff318c4")).writeZero(32);
    payload.writeBytes("TAG".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).writeZero(125);
    int[] frames = {0};
    Mp3Frame.split(payload, (frame, bytes) -> frames[0]++);
    assertThat(frames[0]).isEqualTo(1);
  }

  @Test
  void survivesHostileBytes() {
    byte[] seed = new byte[72];
    System.arraycopy(HexFormat.of().parseHex("fff318c4"), 0, seed, 0, 4);
    System.arraycopy(HexFormat.of().parseHex("fff318c4"), 0, seed, 36, 4);
    HostileInput.feed(
        seed,
        bytes ->
            Mp3Frame.split(
                Unpooled.wrappedBuffer(bytes), (frame, part) -> assertThat(part).isNotNull()));
  }
}
