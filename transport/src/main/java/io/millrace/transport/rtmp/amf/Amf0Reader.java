package io.millrace.transport.rtmp.amf;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads AMF 0 (Adobe AMF 0 specification, 2007, §2), with AMF 3 where the avmplus marker switches
 * to it (§3.1).
 *
 * <pre>
 *  value   = marker:u8 body
 *  0x00 number   f64            0x07 reference  u16
 *  0x01 boolean  u8             0x08 ecma array u32 { property } 00 00 09
 *  0x02 string   u16 utf8       0x0a strict     u32 { value }
 *  0x03 object   { property }   0x0b date       f64 s16
 *                00 00 09       0x0c long text  u32 utf8
 *  0x05 null                    0x0f xml        u32 utf8
 *  0x06 undefined               0x10 typed      u16 utf8 { property } 00 00 09
 *  0x0d unsupported             0x11 avmplus    AMF 3 value
 *  property = u16 utf8 value
 * </pre>
 */
public final class Amf0Reader {
  static final int NUMBER = 0x00;
  static final int BOOLEAN = 0x01;
  static final int STRING = 0x02;
  static final int OBJECT = 0x03;
  static final int NULL = 0x05;
  static final int UNDEFINED = 0x06;
  static final int REFERENCE = 0x07;
  static final int ECMA_ARRAY = 0x08;
  static final int OBJECT_END = 0x09;
  static final int STRICT_ARRAY = 0x0A;
  static final int DATE = 0x0B;
  static final int LONG_STRING = 0x0C;
  static final int UNSUPPORTED = 0x0D;
  static final int XML_DOCUMENT = 0x0F;
  static final int TYPED_OBJECT = 0x10;
  static final int AVMPLUS = 0x11;

  private final AmfInput in;
  private final AmfInput.References references = new AmfInput.References();

  private Amf0Reader(AmfInput in) {
    this.in = in;
  }

  /**
   * Reads every value of {@code message}. Borrows it and moves its reader index to the end.
   *
   * @throws AmfException when the bytes are no AMF 0 or exceed a limit
   */
  public static List<AmfValue> readAll(ByteBuf message, AmfLimits limits) {
    AmfInput in = new AmfInput(message, limits);
    Amf0Reader reader = new Amf0Reader(in);
    List<AmfValue> values = new ArrayList<>();
    while (in.isReadable()) {
      values.add(reader.value());
    }
    return values;
  }

  private AmfValue value() {
    in.chargeElements(1);
    int marker = in.u8();
    return switch (marker) {
      case NUMBER -> new AmfValue.Num(in.f64());
      case BOOLEAN -> new AmfValue.Bool(in.u8() != 0);
      case STRING -> new AmfValue.Str(in.text(in.u16()));
      case LONG_STRING -> new AmfValue.Str(in.text(in.u32()));
      case XML_DOCUMENT -> new AmfValue.Xml(in.text(in.u32()));
      case OBJECT ->
          in.complex(references, () -> new AmfValue.Obj(properties(/* endOptional= */ false)));
      case TYPED_OBJECT ->
          in.complex(
              references,
              () -> {
                in.skip(in.u16()); // the class name: it names nothing here
                return new AmfValue.Obj(properties(/* endOptional= */ false));
              });
      case ECMA_ARRAY ->
          in.complex(
              references,
              () -> {
                in.u32(); // "approximate number" of elements: the end marker decides (§2.10)
                return new AmfValue.EcmaArray(properties(/* endOptional= */ true));
              });
      case STRICT_ARRAY -> in.complex(references, this::elements);
      case REFERENCE -> in.refer(references, in.u16());
      case DATE -> {
        double epochMs = in.f64();
        in.u16(); // time zone, reserved (§2.13)
        yield new AmfValue.Date(epochMs);
      }
      case NULL, UNDEFINED, UNSUPPORTED -> AmfValue.Null.INSTANCE;
      case AVMPLUS -> new Amf3Reader(in).value();
      default -> throw new AmfException("AMF 0 marker 0x%02x".formatted(marker));
    };
  }

  /**
   * @param endOptional whether the message's end may stand for the end marker, as some encoders
   *     have it in their onMetaData
   */
  private Map<String, AmfValue> properties(boolean endOptional) {
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    while (true) {
      if (endOptional && !in.isReadable()) {
        return properties;
      }
      int nameBytes = in.u16();
      if (nameBytes == 0 && in.isReadable() && in.peekU8() == OBJECT_END) {
        in.u8();
        return properties;
      }
      in.chargeElements(1);
      String name = in.text(nameBytes);
      properties.put(name, value());
    }
  }

  private AmfValue elements() {
    long count = in.u32();
    in.need(count); // each element takes at least its marker
    List<AmfValue> elements = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      elements.add(value());
    }
    return new AmfValue.StrictArray(elements);
  }
}
