package io.millrace.transport.rtmp.amf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AmfTest {
  private static final AmfLimits SMALL = new AmfLimits(4, 64, 64);

  static Stream<AmfCases.Case> cases() {
    return AmfCases.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsAndWritesTheTable(AmfCases.Case row) {
    assertThat(read(row.hex(), AmfLimits.DEFAULT)).containsExactly(row.value());
    if (row.writes()) {
      ByteBuf out = Unpooled.buffer();
      Amf0Writer.write(out, row.value());
      assertThat(ByteBufUtil.hexDump(out)).isEqualTo(row.hex().replace(" ", ""));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsCutShortIsAnErrorOrLess(AmfCases.Case row) {
    byte[] bytes = HexFormat.of().parseHex(row.hex().replace(" ", ""));
    for (int length = 1; length < bytes.length; length++) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes, 0, length);
      try {
        Amf0Reader.readAll(in, SMALL);
        assertThat(bytes[0]).as("only an ecma array may end with its message").isEqualTo((byte) 8);
      } catch (AmfException expected) {
        assertThat(expected).hasMessageContaining("AMF");
      }
    }
  }

  /** Every case, with bytes changed, cut and put together, gives values or an AmfException. */
  @Test
  void changedBytesGiveValuesOrAnAmfException() {
    Random random = new Random(20261121);
    List<byte[]> seeds =
        AmfCases.ALL.stream()
            .map(row -> HexFormat.of().parseHex(row.hex().replace(" ", "")))
            .toList();
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 100_000; round++) {
      ByteBuf in = Unpooled.buffer();
      for (int i = random.nextInt(3); i >= 0; i--) {
        in.writeBytes(seeds.get(random.nextInt(seeds.size())));
      }
      for (int i = random.nextInt(4); i >= 0; i--) {
        in.setByte(random.nextInt(in.writerIndex()), random.nextInt(256));
      }
      try {
        for (AmfValue value : Amf0Reader.readAll(in, SMALL)) {
          assertThat(size(value)).isLessThanOrEqualTo(2 * SMALL.maxElements());
          value.plain();
        }
        read++;
      } catch (AmfException e) {
        refused++;
      }
    }
    assertThat(read).isGreaterThan(10_000);
    assertThat(refused).isGreaterThan(10_000);
  }

  private static int size(AmfValue value) {
    int size = 1;
    for (AmfValue inner : value.asProperties().values()) {
      size += size(inner);
    }
    if (value instanceof AmfValue.StrictArray(List<AmfValue> elements)) {
      for (AmfValue element : elements) {
        size += size(element);
      }
    }
    return size;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "object end alone, 09",
    "movie clip, 04",
    "record set, 0e",
    "unknown marker, ff",
    "unknown AMF 3 marker, 1112",
    "string longer than the message, 02ffff61",
    "long string of 4 GiB, 0cffffffff61",
    "xml of 4 GiB, 0fffffffff61",
    "strict array of 4 Gi elements, 0affffffff05",
    "reference to nothing, 070000",
    "object that refers to itself, 03000161070000000009",
    "array that refers to itself, 0a00000001070000",
    "AMF 3 array that refers to itself, 1109030109 00",
    "AMF 3 object that refers to itself, 110a0b0103610a0001",
    "AMF 3 reference to nothing, 110a02",
    "AMF 3 string reference to nothing, 110602",
    "AMF 3 traits reference to nothing, 110a01",
    "AMF 3 externalizable class, 110a071b6a6176612e6e65742e55524c2100",
    "AMF 3 string of 256 MiB, 1106ffffffff",
    "AMF 3 array of 256 Mi elements, 1109ffffffff01",
    "AMF 3 vector of 256 Mi ints, 110dffffffff00",
    "AMF 3 vector of 256 Mi objects, 1110ffffffff0001",
    "AMF 3 dictionary of 256 Mi entries, 1111ffffffff00",
    "AMF 3 traits of 32 Mi names, 110afffffff3010101",
    "AMF 3 bytes of 256 MiB, 110cffffffff",
    "AMF 3 dictionary with a key that is no text, 11110300 0303"
  })
  void hostileValueIsRefused(String name, String hex) {
    assertThatThrownBy(() -> read(hex, AmfLimits.DEFAULT)).isInstanceOf(AmfException.class);
  }

  @Test
  void depthBombIsRefused() {
    String object = "03000161";
    assertThat(read(object.repeat(15) + "03000009" + "000009".repeat(15), AmfLimits.DEFAULT))
        .hasSize(1);
    assertThatThrownBy(() -> read(object.repeat(1_000_000 / 4), AmfLimits.DEFAULT))
        .isInstanceOf(AmfException.class)
        .hasMessageContaining("deeper than 16");
    assertThatThrownBy(() -> read("11" + "090301".repeat(10_000), AmfLimits.DEFAULT))
        .hasMessageContaining("deeper than 16");
    // The switch to AMF 3 in AMF 0 does not begin a count of its own.
    assertThatThrownBy(
            () -> read("0a00000001".repeat(10) + "11" + "090301".repeat(7), AmfLimits.DEFAULT))
        .hasMessageContaining("deeper than 16");
  }

  /** An array of references to an array of references to ...: few bytes, 30^6 values. */
  @Test
  void billionLaughsAreRefused() {
    StringBuilder hex = new StringBuilder("0a00000007");
    hex.append("0a0000001e").append("05".repeat(30));
    for (int level = 1; level <= 6; level++) {
      hex.append("0a0000001e").append("07%04x".formatted(level).repeat(30));
    }
    assertThatThrownBy(() -> read(hex.toString(), AmfLimits.DEFAULT))
        .hasMessageContaining("more than 32768 AMF values");
  }

  /** One long string and many references to it. */
  @Test
  void repeatedStringReferenceIsChargedEachTime() {
    String text = "06" + "8101" + "61".repeat(64);
    String array = "11" + "09" + "8f51" + "01" + text + "0600".repeat(999);
    assertThatThrownBy(() -> read(array, new AmfLimits(4, 10_000, 1_000)))
        .hasMessageContaining("more than 1000 bytes of AMF text");
  }

  @Test
  void elementsAreBounded() {
    assertThat(read("05".repeat(64), SMALL)).hasSize(64);
    assertThatThrownBy(() -> read("05".repeat(65), SMALL))
        .hasMessageContaining("more than 64 AMF values");
  }

  @Test
  void plainValuesComeBackAsTheyWere() {
    Map<String, Object> plain =
        Map.of("a", 1.0, "b", true, "c", "text", "d", List.of(1.0, "x"), "e", Map.of("f", false));
    ByteBuf out = Unpooled.buffer();
    Amf0Writer.writeAll(out, List.of(plain));
    List<AmfValue> values = Amf0Reader.readAll(out, AmfLimits.DEFAULT);
    assertThat(values.getFirst().plain()).isEqualTo(plain);
  }

  @Test
  void longTextIsWrittenAsALongString() {
    String text = "x".repeat(70_000);
    ByteBuf out = Unpooled.buffer();
    Amf0Writer.write(out, AmfValue.of(text));
    assertThat(out.getByte(0)).isEqualTo((byte) 0x0C);
    assertThat(Amf0Reader.readAll(out, AmfLimits.DEFAULT)).isEqualTo(List.of(AmfValue.of(text)));
  }

  @Test
  void nullsAreLeftOutOfPlainData() {
    List<Object> plain = new ArrayList<>();
    read("03 0001 61 05 0001 62 0101 000009", AmfLimits.DEFAULT)
        .forEach(value -> plain.add(value.plain()));
    assertThat(plain).containsExactly(Map.of("b", true));
  }

  private static List<AmfValue> read(String hex, AmfLimits limits) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return Amf0Reader.readAll(Unpooled.wrappedBuffer(bytes), limits);
  }
}
