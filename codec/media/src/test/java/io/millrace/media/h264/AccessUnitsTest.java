package io.millrace.media.h264;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.Hdr;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitWriter;
import io.millrace.media.nal.EmulationPrevention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessUnitsTest {
  private static final UnpooledByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
  }

  @Test
  void findsIdrSlicesInAnyPlace() {
    assertThat(AccessUnits.isIdr(hex("00000002 09f0 00000003 658880"), 4)).isTrue();
    assertThat(AccessUnits.isIdr(hex("00000002 09f0 00000003 419a20"), 4)).isFalse();
    assertThat(AccessUnits.isIdr(hex("0002 09f0 0003 258880"), 2)).isTrue();
    assertThat(AccessUnits.isIdr(hex("02 09f0 03 018880"), 1)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "000000",
        "00000000",
        "00000001",
        "00000003 6588",
        "00000002 6588 00",
        "00000002 6588 00000005 41",
        "ffffffff 6588",
        "7fffffff 6588",
        "00000001 65 00000000"
      })
  void lengthsMustTileTheUnit(String bytes) {
    assertThatThrownBy(() -> AccessUnits.check(hex(bytes), 4))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
  }

  @Test
  void readsBetweenTheIndicesOnly() {
    ByteBuf unit = hex("ffff 00000002 6588 ffff");
    unit.setIndex(2, 8);
    AccessUnits.check(unit, 4);
    assertThat(unit.readerIndex()).isEqualTo(2);
    assertThat(AccessUnits.isIdr(unit, 4)).isTrue();
  }

  @Test
  void lengthSizeThreeDoesNotExist() {
    assertThatThrownBy(() -> NalUnits.lengthPrefixed(hex("000001"), 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void annexBIsSplitAtStartCodesOfEitherLength() {
    NalUnits nals =
        NalUnits.annexB(
            hex("00 000001 09f0 00000001 6742 000001 68ce 0000 00000001 6588 0000 03 00"));
    List<String> units = new ArrayList<>();
    while (nals.next()) {
      units.add(nals.type() + ":" + HexFormat.of().formatHex(nals.copy()));
    }
    assertThat(units).containsExactly("9:09f0", "7:6742", "8:68ce", "5:6588000003");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "0000",
        "000001",
        "00000001",
        "000001 000001",
        "1234",
        "000001 00 00 00"
      })
  void annexBWithoutUnitsIsEmpty(String bytes) {
    assertThat(NalUnits.annexB(hex(bytes)).next()).isFalse();
  }

  @Test
  void framingsConvertBothWays() {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      ByteBuf unit = HEAP.buffer();
      for (int i = 0; i <= random.nextInt(6); i++) {
        byte[] rbsp = new byte[1 + random.nextInt(30)];
        for (int j = 0; j < rbsp.length; j++) {
          rbsp[j] = (byte) (random.nextBoolean() ? 0 : random.nextInt(256));
        }
        rbsp[0] = 0x41;
        rbsp[rbsp.length - 1] |= 0x40;
        byte[] nal = EmulationPrevention.insert(rbsp);
        unit.writeInt(nal.length).writeBytes(nal);
      }
      ByteBuf stream = AnnexB.fromLengthPrefixed(unit, 4, HEAP);
      ByteBuf back = AnnexB.toLengthPrefixed(stream, HEAP);
      assertThat(back).isEqualTo(unit);
      unit.release();
      stream.release();
      back.release();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // anticlockwise in 1/65536 turns, both flips, expected clockwise degrees
    "0,     false, 0",
    "16384, false, 270",
    "32768, false, 180",
    "49152, false, 90",
    "49000, false, 90",
    "65000, false, 0",
    "0,     true,  180",
    "16384, true,  90"
  })
  void displayOrientationTurnsThePicture(int anticlockwise, boolean flips, int expected) {
    ByteBuf unit = withOrientation(anticlockwise, flips);
    assertThat(AccessUnits.displayRotation(unit, 4)).hasValue(expected);
  }

  @Test
  void withoutTheMessageThereIsNoRotation() {
    assertThat(AccessUnits.displayRotation(hex("00000002 6588"), 4)).isEmpty();
    // user_data_unregistered of one byte
    assertThat(AccessUnits.displayRotation(hex("00000005 0605 01aa 80"), 4)).isEmpty();
  }

  private static ByteBuf withOrientation(int anticlockwise, boolean flips) {
    BitWriter message = new BitWriter().flag(false).flag(flips).flag(flips);
    message.bits(anticlockwise, 16).ue(1).flag(false).flag(true);
    byte[] payload = message.toBytes();
    ByteBuf sei = HEAP.buffer();
    sei.writeByte(6);
    // first a message of type 300 and two bytes, with the run of 0xFF that it takes
    sei.writeByte(0xFF).writeByte(45).writeByte(2).writeZero(2);
    sei.writeByte(47).writeByte(payload.length).writeBytes(payload).writeByte(0x80);
    byte[] plain = new byte[sei.readableBytes()];
    sei.readBytes(plain);
    byte[] nal = EmulationPrevention.insert(plain);
    return Unpooled.wrappedBuffer(
        Unpooled.buffer(4).writeInt(nal.length), Unpooled.wrappedBuffer(nal), hex("00000002 6588"));
  }

  @Test
  void survivesHostileBytes() {
    ByteBuf seed = withOrientation(49152, true);
    byte[] bytes = new byte[seed.readableBytes()];
    seed.readBytes(bytes);
    HostileInput.feed(
        bytes,
        input -> {
          ByteBuf unit = Unpooled.wrappedBuffer(input);
          AccessUnits.check(unit, 4);
          AccessUnits.displayRotation(unit, 4);
          AccessUnits.isIdr(unit, 1);
        });
    HostileInput.feed(
        bytes,
        input -> {
          ByteBuf out = AnnexB.toLengthPrefixed(Unpooled.wrappedBuffer(input), HEAP);
          AccessUnits.isIdr(out, 4);
          out.release();
        });
  }

  @Test
  void seiMessagesCarryHighDynamicRange() {
    ByteBuf unit =
        hex(
            "00000023 06 8918 33c2 86c4 1d4c 0bb8 84d0 3e80 3d13 4042 00989680 000003 0032"
                + " 9004 03e8 0190 80 00000002 6588");
    assertThat(AccessUnits.display(unit, 4).hdr())
        .isEqualTo(
            new Hdr(
                new Hdr.MasteringDisplay(
                    34_000, 16_000, 13_250, 34_500, 7_500, 3_000, 15_635, 16_450, 10_000_000, 50),
                new Hdr.ContentLight(1_000, 400)));
    assertThat(AccessUnits.display(hex("00000002 6588"), 4).hdr()).isNull();
  }

  @Test
  void samplesComeWithoutDelimitersFillerAndKnownParameterSets() {
    AvcConfiguration config =
        AvcConfiguration.parse(
            HexFormat.of().parseHex(Fixtures.table("/h264/configurations.txt").getFirst().get(1)));
    ByteBuf sets = AnnexB.parameterSets(config, HEAP);
    ByteBuf stream =
        Unpooled.wrappedBuffer(
            hex("00000001 0910"), sets, hex("00000001 68ebe3 000001 0cffff80 000001 6588bc"));
    ByteBuf sample = AnnexB.toSample(stream, config, HEAP);
    assertThat(sample).isEqualTo(hex("00000003 68ebe3 00000003 6588bc"));
    assertThat(stream.readerIndex()).isZero();
    sample.release();
    stream.release();
  }
}
