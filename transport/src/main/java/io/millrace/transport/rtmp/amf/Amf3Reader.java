package io.millrace.transport.rtmp.amf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one AMF 3 value (Adobe AMF 3 specification, January 2013, §3) to plain data. Its reference
 * tables live as long as the value, as AMF 0's avmplus marker asks (AMF 0 §3.1).
 *
 * <pre>
 *  U29 = 1 to 4 bytes, 7+7+7+8 bits, high bit set on all but the last
 *  0x04 integer U29        0x08 date      U29O f64       0x0c bytes      U29O bytes
 *  0x05 double  f64        0x09 array     U29O {name value} 01 {value}
 *  0x06 string  U29S utf8  0x0a object    U29O traits {value} [{name value} 01]
 *  0x0d..0x0f vectors      U29O fixed:u8 {i32|u32|f64}
 *  0x10 vector of objects  U29O fixed:u8 type-name {value}
 *  0x11 dictionary         U29O weak:u8 {value value}
 *  low bit of U29S and U29O: 0 = reference, 1 = here
 * </pre>
 */
final class Amf3Reader {
  private static final int UNDEFINED = 0x00;
  private static final int NULL = 0x01;
  private static final int FALSE = 0x02;
  private static final int TRUE = 0x03;
  private static final int INTEGER = 0x04;
  private static final int DOUBLE = 0x05;
  private static final int STRING = 0x06;
  private static final int XML_DOCUMENT = 0x07;
  private static final int DATE = 0x08;
  private static final int ARRAY = 0x09;
  private static final int OBJECT = 0x0A;
  private static final int XML = 0x0B;
  private static final int BYTE_ARRAY = 0x0C;
  private static final int VECTOR_INT = 0x0D;
  private static final int VECTOR_UINT = 0x0E;
  private static final int VECTOR_DOUBLE = 0x0F;
  private static final int VECTOR_OBJECT = 0x10;
  private static final int DICTIONARY = 0x11;

  private record Traits(List<String> names, boolean dynamic) {}

  private record Text(String value, int bytes) {}

  private final AmfInput in;
  private final AmfInput.References references = new AmfInput.References();
  private final List<Text> strings = new ArrayList<>();
  private final List<Traits> traits = new ArrayList<>();

  Amf3Reader(AmfInput in) {
    this.in = in;
  }

  AmfValue value() {
    in.chargeElements(1);
    int marker = in.u8();
    return switch (marker) {
      case UNDEFINED, NULL -> AmfValue.Null.INSTANCE;
      case FALSE -> new AmfValue.Bool(false);
      case TRUE -> new AmfValue.Bool(true);
      case INTEGER -> new AmfValue.Num((u29() << 3) >> 3);
      case DOUBLE -> new AmfValue.Num(in.f64());
      case STRING -> new AmfValue.Str(string());
      case XML_DOCUMENT, XML -> complex(length -> new AmfValue.Xml(in.text(length)));
      case DATE -> complex(_ -> new AmfValue.Date(in.f64()));
      case ARRAY -> complex(this::array);
      case OBJECT -> complex(this::object);
      case BYTE_ARRAY ->
          complex(
              length -> {
                in.skip(length); // nothing that Millrace reads is sent as bytes
                return AmfValue.Null.INSTANCE;
              });
      case VECTOR_INT -> complex(length -> vector(length, 4, () -> in.i32()));
      case VECTOR_UINT -> complex(length -> vector(length, 4, () -> in.u32()));
      case VECTOR_DOUBLE -> complex(length -> vector(length, 8, in::f64));
      case VECTOR_OBJECT -> complex(this::vectorOfObjects);
      case DICTIONARY -> complex(this::dictionary);
      default -> throw new AmfException("AMF 3 marker 0x%02x".formatted(marker));
    };
  }

  @FunctionalInterface
  private interface Body {
    /**
     * @param header U29O without its reference bit
     */
    AmfValue read(int header);
  }

  @FunctionalInterface
  private interface Element {
    double read();
  }

  private AmfValue complex(Body body) {
    int header = u29();
    return (header & 1) == 0
        ? in.refer(references, header >> 1)
        : in.complex(references, () -> body.read(header >> 1));
  }

  /** §3.11: the associative part up to the empty name, then the dense part. */
  private AmfValue array(int count) {
    Map<String, AmfValue> named = new LinkedHashMap<>();
    for (String name = string(); !name.isEmpty(); name = string()) {
      in.chargeElements(1);
      named.put(name, value());
    }
    in.need(count);
    List<AmfValue> dense = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      dense.add(value());
    }
    if (named.isEmpty()) {
      return new AmfValue.StrictArray(dense);
    }
    for (int i = 0; i < dense.size(); i++) {
      named.put(Integer.toString(i), dense.get(i));
    }
    return new AmfValue.EcmaArray(named);
  }

  /** §3.12. The class name is read and forgotten. */
  private AmfValue object(int header) {
    Traits shape = traits(header);
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    for (String name : shape.names()) {
      in.chargeElements(1);
      properties.put(name, value());
    }
    if (shape.dynamic()) {
      for (String name = string(); !name.isEmpty(); name = string()) {
        in.chargeElements(1);
        properties.put(name, value());
      }
    }
    return new AmfValue.Obj(properties);
  }

  private Traits traits(int header) {
    if ((header & 1) == 0) {
      int index = header >> 1;
      if (index >= traits.size()) {
        throw new AmfException("AMF reference to traits " + index + " that were not sent");
      }
      return traits.get(index);
    }
    if ((header & 2) != 0) {
      throw new AmfException("AMF 3 externalizable object");
    }
    boolean dynamic = (header & 4) != 0;
    int count = header >> 3;
    string(); // the class name: it names nothing here
    in.need(count); // each name takes at least its length
    in.chargeElements(count);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(string());
    }
    Traits shape = new Traits(names, dynamic);
    traits.add(shape);
    return shape;
  }

  private AmfValue vector(int count, int elementBytes, Element reader) {
    in.u8(); // whether its length is fixed
    in.need((long) count * elementBytes);
    in.chargeElements(count);
    List<AmfValue> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(new AmfValue.Num(reader.read()));
    }
    return new AmfValue.StrictArray(elements);
  }

  private AmfValue vectorOfObjects(int count) {
    in.u8();
    string(); // element type: it names nothing here
    in.need(count);
    List<AmfValue> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(value());
    }
    return new AmfValue.StrictArray(elements);
  }

  /** §3.16, with keys that are text or numbers only. */
  private AmfValue dictionary(int count) {
    in.u8(); // weak keys
    in.need(2L * count);
    Map<String, AmfValue> entries = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      AmfValue key = value();
      AmfValue value = value();
      switch (key) {
        case AmfValue.Str(String text) -> entries.put(text, value);
        case AmfValue.Num(double number) -> entries.put(Double.toString(number), value);
        case AmfValue.Bool _,
            AmfValue.Null _,
            AmfValue.Obj _,
            AmfValue.EcmaArray _,
            AmfValue.StrictArray _,
            AmfValue.Date _,
            AmfValue.Xml _ ->
            throw new AmfException("AMF 3 dictionary key that is no text");
      }
    }
    return new AmfValue.EcmaArray(entries);
  }

  /** §3.8: the empty string is never sent by reference and never enters the table. */
  private String string() {
    int header = u29();
    if ((header & 1) == 0) {
      int index = header >> 1;
      if (index >= strings.size()) {
        throw new AmfException("AMF reference to string " + index + " that was not sent");
      }
      Text text = strings.get(index);
      in.chargeText(text.bytes());
      return text.value();
    }
    int bytes = header >> 1;
    if (bytes == 0) {
      return "";
    }
    String value = in.text(bytes);
    strings.add(new Text(value, bytes));
    return value;
  }

  /** §1.3.1. */
  private int u29() {
    int value = 0;
    for (int i = 0; i < 3; i++) {
      int b = in.u8();
      value = (value << 7) | (b & 0x7F);
      if (b < 0x80) {
        return value;
      }
    }
    return (value << 8) | in.u8();
  }
}
