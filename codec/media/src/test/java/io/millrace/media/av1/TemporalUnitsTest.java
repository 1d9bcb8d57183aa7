package io.millrace.media.av1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TemporalUnitsTest {
  private static final UnpooledByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);

  /** A low-delay SVT-AV1 stream, 64x64: a key frame and eleven inter frames. */
  private static List<ByteBuf> units() {
    ByteBuf stream = Unpooled.wrappedBuffer(Fixtures.bytes("/av1/low_delay.obu"));
    List<Integer> starts = new ArrayList<>();
    Obus obus = Obus.of(stream);
    while (obus.next()) {
      if (obus.type() == Obus.TEMPORAL_DELIMITER) {
        starts.add(obus.offset());
      }
    }
    starts.add(stream.writerIndex());
    List<ByteBuf> units = new ArrayList<>();
    for (int i = 0; i + 1 < starts.size(); i++) {
      units.add(stream.slice(starts.get(i), starts.get(i + 1) - starts.get(i)));
    }
    return units;
  }

  private static List<Integer> types(ByteBuf unit) {
    List<Integer> types = new ArrayList<>();
    Obus obus = Obus.of(unit);
    while (obus.next()) {
      types.add(obus.type());
    }
    return types;
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
  }

  @Test
  void onlyTheFirstUnitOfAnEncoderIsAKeyFrame() {
    List<ByteBuf> units = units();
    assertThat(units).hasSize(12);
    assertThat(types(units.getFirst()))
        .containsExactly(Obus.TEMPORAL_DELIMITER, Obus.SEQUENCE_HEADER, Obus.FRAME);
    assertThat(units.stream().map(TemporalUnits::isKeyFrame))
        .containsExactly(
            true, false, false, false, false, false, false, false, false, false, false, false);
    assertThat(Av1Configuration.inBand(units.getFirst()).toFormat().width()).isEqualTo(64);
    assertThat(Av1Configuration.inBand(units.get(1))).isNull();
  }

  @Test
  void delimiterInFrontIsCutOffWithoutACopy() {
    ByteBuf unit = units().getFirst();
    ByteBuf sample = TemporalUnits.toSample(unit, HEAP);
    assertThat(types(sample)).containsExactly(Obus.SEQUENCE_HEADER, Obus.FRAME);
    assertThat(sample).isEqualTo(unit.slice(2, unit.readableBytes() - 2));
    assertThat(unit.refCnt()).isEqualTo(2);
    sample.release();
    assertThat(unit.refCnt()).isEqualTo(1);
  }

  @Test
  void whatDoesNotBelongIsTakenOutOfTheMiddle() {
    // delimiter, metadata, padding, frame, redundant frame header, tile list, tile group
    ByteBuf unit = hex("1200 2a0101 7a02aaaa 320110 3a01bb 4201cc 220110");
    ByteBuf sample = TemporalUnits.toSample(unit, HEAP);
    assertThat(sample).isEqualTo(hex("2a0101 320110 220110"));
    sample.release();
    assertThat(unit.refCnt()).isEqualTo(1);
  }

  @Test
  void aLastObuWithoutSizeGetsOne() {
    ByteBuf sample = TemporalUnits.toSample(hex("1200 2a0101 34 08 10aabb"), HEAP);
    assertThat(sample).isEqualTo(hex("2a0101 36 08 03 10aabb"));
    sample.release();
    ByteBuf frame = Unpooled.buffer().writeByte(0x30).writeZero(300);
    ByteBuf sized = TemporalUnits.toSample(frame, HEAP);
    assertThat(sized.readableBytes()).isEqualTo(303);
    assertThat(sized.readMedium()).isEqualTo(0x32AC02);
    sized.release();
  }

  @Test
  void anEmptyOrDelimiterOnlyUnitGivesNothing() {
    for (String text : new String[] {"", "1200", "12001200"}) {
      ByteBuf sample = TemporalUnits.toSample(hex(text), HEAP);
      assertThat(sample.isReadable()).isFalse();
      sample.release();
    }
  }

  @Test
  void keyFrameNeedsItsSequenceHeaderAndToBeShown() {
    assertThat(TemporalUnits.isKeyFrame(hex("0a0100 320110"))).isTrue();
    assertThat(TemporalUnits.isKeyFrame(hex("0a0100 1a0110 220100"))).isTrue();
    assertThat(TemporalUnits.isKeyFrame(hex("320110"))).isFalse();
    assertThat(TemporalUnits.isKeyFrame(hex("0a0100 320100"))).isFalse();
    assertThat(TemporalUnits.isKeyFrame(hex("0a0100 320190"))).isFalse();
    assertThat(TemporalUnits.isKeyFrame(hex("0a0100 320130"))).isFalse();
    assertThat(TemporalUnits.isKeyFrame(hex("0a0118 320100"))).isTrue();
  }

  @Test
  void brokenObusAreMalformed() {
    for (String text : new String[] {"92", "36", "32", "3280", "3205aa", "32ffffffffffffffffff"}) {
      assertThatThrownBy(() -> types(hex(text)))
          .as(text)
          .isInstanceOfSatisfying(
              MediaFormatException.class,
              e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
    }
  }

  @Test
  void survivesHostileBytes() {
    byte[] seed = HexFormat.of().parseHex("12000a0b0000000cc4ff6700be00102a01017a02aaaa360810aabb");
    HostileInput.feed(
        seed,
        bytes -> {
          ByteBuf unit = Unpooled.wrappedBuffer(bytes);
          TemporalUnits.isKeyFrame(unit);
          ByteBuf sample = TemporalUnits.toSample(unit, HEAP);
          ByteBuf again = TemporalUnits.toSample(sample, HEAP);
          assertThat(again).isEqualTo(sample);
          sample.release();
          again.release();
        });
  }
}
