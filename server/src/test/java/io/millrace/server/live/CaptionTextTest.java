package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.caption.CaptionWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptionTextTest {
  private static final long FRAME = 12_000;
  private final List<String> shown = new ArrayList<>();
  private final CaptionText text = new CaptionText((ticks, said) -> shown.add(ticks + " " + said));

  CaptionTextTest() {
    text.format(
        new TrackFormat.Video(
            VideoCodec.AV1,
            "av01.0.05M.08",
            HexFormat.of().parseHex("81050c000a0b00000004"),
            1280,
            720,
            Rational.ONE,
            new Rational(30, 1),
            Colour.UNSPECIFIED,
            0));
  }

  private static byte parity(int value) {
    return (byte) (Integer.bitCount(value) % 2 == 0 ? value | 0x80 : value);
  }

  private void picture(long dtsTicks, long ptsTicks, int pair) {
    byte[] triplet = {(byte) 0xFC, parity(pair >> 8), parity(pair & 0x7F)};
    ByteBuf frame = Unpooled.wrappedBuffer(new byte[] {0x32, 1, 0x10});
    ByteBuf captioned = CaptionWriter.intoAv1(frame, triplet, UnpooledByteBufAllocator.DEFAULT);
    Sample sample =
        new Sample(TrackEvent.VIDEO_TRACK, dtsTicks, ptsTicks, FRAME, dtsTicks == 0, captioned);
    text.look(sample);
    sample.release();
  }

  @Test
  void captionsAreReadInTheOrderOfDisplay() {
    int[] pairs = {0x1420, 0x1420, 0x1470, 0x1470, 'a' << 8 | 'b', 'c' << 8 | 'd', 0x142F, 0x142F};
    int[] displayOrder = {2, 0, 1, 5, 3, 4, 7, 6}; // as with B-frames
    for (int i = 0; i < pairs.length; i++) {
      int at = displayOrder[i];
      picture(i * FRAME, (at + 2) * FRAME, pairs[at]);
    }
    for (int i = 8; i < 12; i++) {
      picture(i * FRAME, (i + 2) * FRAME, 0);
    }
    assertThat(shown).containsExactly(8 * FRAME + " abcd");
  }

  @Test
  void lettersAreNotCues() {
    List<Integer> pairs = new ArrayList<>(List.of(0x1425, 0x1425, 0x142D, 0x142D, 0x1470, 0x1470));
    for (int i = 0; i < 30; i++) {
      pairs.add(('a' + i % 26) << 8);
    }
    pairs.addAll(List.of(0x142C, 0x142C));
    for (int i = 0; i < pairs.size(); i++) {
      picture(i * FRAME, i * FRAME, pairs.get(i));
    }
    assertThat(shown)
        .containsExactly(6 * FRAME + " a", 21 * FRAME + " abcdefghijklmnop", 36 * FRAME + " ");
  }
}
