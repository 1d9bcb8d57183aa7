package io.millrace.transport.rtmp.amf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Fuzz target: AMF 0, and AMF 3 inside it. A message is refused by an {@link AmfException}, or is
 * values within the limits that are the same again when they are written and read.
 */
public final class AmfFuzz {
  /** For what was written: a broken byte of UTF-8 is three when it is written. */
  private static final AmfLimits THREEFOLD =
      new AmfLimits(
          AmfLimits.DEFAULT.maxDepth(),
          AmfLimits.DEFAULT.maxElements(),
          3 * AmfLimits.DEFAULT.maxTextBytes());

  private AmfFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    ByteBuf in = Unpooled.wrappedBuffer(data);
    List<AmfValue> values;
    try {
      values = Amf0Reader.readAll(in, AmfLimits.DEFAULT);
    } catch (AmfException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(200);
      return;
    }
    assertThat(in.isReadable()).isFalse();
    int elements = values.stream().mapToInt(value -> elements(value, 1)).sum();
    assertThat(elements).isLessThanOrEqualTo(AmfLimits.DEFAULT.maxElements());
    ByteBuf out = Unpooled.buffer();
    Amf0Writer.writeAll(out, values);
    assertThat(Amf0Reader.readAll(out, THREEFOLD)).isEqualTo(values);
    values.forEach(AmfValue::plain);
  }

  private static int elements(AmfValue value, int depth) {
    assertThat(depth).isLessThanOrEqualTo(AmfLimits.DEFAULT.maxDepth() + 1);
    return switch (value) {
      case AmfValue.Obj(Map<String, AmfValue> properties) -> elements(properties, depth);
      case AmfValue.EcmaArray(Map<String, AmfValue> properties) -> elements(properties, depth);
      case AmfValue.StrictArray(List<AmfValue> list) ->
          1 + list.stream().mapToInt(element -> elements(element, depth + 1)).sum();
      case AmfValue.Num _,
          AmfValue.Bool _,
          AmfValue.Str _,
          AmfValue.Null _,
          AmfValue.Date _,
          AmfValue.Xml _ ->
          1;
    };
  }

  private static int elements(Map<String, AmfValue> properties, int depth) {
    return 1 + properties.values().stream().mapToInt(value -> 1 + elements(value, depth + 1)).sum();
  }

  public static List<byte[]> seeds() {
    return AmfCases.ALL.stream()
        .map(row -> HexFormat.of().parseHex(row.hex().replace(" ", "")))
        .toList();
  }
}
