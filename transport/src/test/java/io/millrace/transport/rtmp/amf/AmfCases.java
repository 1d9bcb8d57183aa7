package io.millrace.transport.rtmp.amf;

import io.millrace.transport.rtmp.amf.AmfValue.Bool;
import io.millrace.transport.rtmp.amf.AmfValue.Date;
import io.millrace.transport.rtmp.amf.AmfValue.EcmaArray;
import io.millrace.transport.rtmp.amf.AmfValue.Null;
import io.millrace.transport.rtmp.amf.AmfValue.Num;
import io.millrace.transport.rtmp.amf.AmfValue.Obj;
import io.millrace.transport.rtmp.amf.AmfValue.Str;
import io.millrace.transport.rtmp.amf.AmfValue.StrictArray;
import io.millrace.transport.rtmp.amf.AmfValue.Xml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One table: bytes and values, for the reader, the writer and the seeds of the fuzz test. */
final class AmfCases {
  /**
   * @param hex AMF 0
   * @param writes whether the writer makes these very bytes of the value
   */
  record Case(String name, String hex, AmfValue value, boolean writes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final AmfValue NULL = Null.INSTANCE;

  static final List<Case> ALL =
      List.of(
          both("number", "00 3ff8000000000000", new Num(1.5)),
          both("not a number", "00 7ff8000000000000", new Num(Double.NaN)),
          both("true", "01 01", new Bool(true)),
          both("false", "01 00", new Bool(false)),
          read("boolean of 2", "01 02", new Bool(true)),
          both("string", "02 0003 6162 63", new Str("abc")),
          both("empty string", "02 0000", new Str("")),
          both("two-byte UTF-8", "02 0002 c3a9", new Str("é")),
          read("malformed UTF-8", "02 0001 ff", new Str("\uFFFD")),
          both("object", "03 0001 61 05 000009", new Obj(map("a", NULL))),
          both("empty object", "03 000009", new Obj(Map.of())),
          both(
              "object in object",
              "03 0001 61 03 0001 62 0100 000009 000009",
              new Obj(map("a", new Obj(map("b", new Bool(false)))))),
          read(
              "a name that comes twice",
              "03 0001 61 0100 0001 61 0101 000009",
              new Obj(map("a", new Bool(true)))),
          read("empty name", "03 0000 05 000009", new Obj(map("", NULL))),
          both("null", "05", NULL),
          read("undefined", "06", NULL),
          read("unsupported", "0d", NULL),
          both("ecma array", "08 00000001 0001 61 05 000009", new EcmaArray(map("a", NULL))),
          read(
              "ecma array with a wrong count",
              "08 7fffffff 0001 61 05 000009",
              new EcmaArray(map("a", NULL))),
          read(
              "ecma array without an end", "08 00000001 0001 61 05", new EcmaArray(map("a", NULL))),
          both(
              "strict array",
              "0a 00000002 0101 02 0001 78",
              new StrictArray(List.of(new Bool(true), new Str("x")))),
          both("empty strict array", "0a 00000000", new StrictArray(List.of())),
          both("date", "0b 4270000000000000 0000", new Date(1L << 40)),
          read("date with a zone", "0b 4270000000000000 ffc4", new Date(1L << 40)),
          read("long string", "0c 00000003 616263", new Str("abc")),
          both("xml", "0f 00000004 3c612f3e", new Xml("<a/>")),
          read(
              "typed object is its properties",
              "10 000d 6a6176612e6e65742e55524c 21 0001 61 0101 000009",
              new Obj(map("a", new Bool(true)))),
          read(
              "reference",
              "0a 00000002 03 0001 61 05 000009 07 0001",
              new StrictArray(List.of(new Obj(map("a", NULL)), new Obj(map("a", NULL))))),
          read("amf 3 undefined", "11 00", NULL),
          read("amf 3 null", "11 01", NULL),
          read("amf 3 false", "11 02", new Bool(false)),
          read("amf 3 true", "11 03", new Bool(true)),
          read("amf 3 integer", "11 04 05", new Num(5)),
          read("amf 3 negative integer", "11 04 ffffffff", new Num(-1)),
          read("amf 3 largest integer", "11 04 bfffffff", new Num((1 << 28) - 1)),
          read("amf 3 two-byte integer", "11 04 8100", new Num(128)),
          read("amf 3 double", "11 05 3ff8000000000000", new Num(1.5)),
          read("amf 3 string", "11 06 07 616263", new Str("abc")),
          read("amf 3 date", "11 08 01 4270000000000000", new Date(1L << 40)),
          read("amf 3 xml", "11 0b 09 3c612f3e", new Xml("<a/>")),
          read("amf 3 xml document", "11 07 09 3c612f3e", new Xml("<a/>")),
          read("amf 3 bytes", "11 0c 07 010203", NULL),
          read(
              "amf 3 dense array with a string reference",
              "11 09 05 01 06 03 78 06 00",
              new StrictArray(List.of(new Str("x"), new Str("x")))),
          read(
              "amf 3 mixed array",
              "11 09 03 03 61 03 01 04 07",
              new EcmaArray(map("a", new Bool(true), "0", new Num(7)))),
          read(
              "amf 3 dynamic object", "11 0a 0b 01 03 61 03 01", new Obj(map("a", new Bool(true)))),
          read(
              "amf 3 class is its properties",
              "11 0a 13 1b 6a6176612e6e65742e55524c 21 03 61 03",
              new Obj(map("a", new Bool(true)))),
          read(
              "amf 3 traits by reference",
              "11 09 05 01 0a 13 01 03 61 03 0a 01 02",
              new StrictArray(
                  List.of(new Obj(map("a", new Bool(true))), new Obj(map("a", new Bool(false)))))),
          read(
              "amf 3 object by reference",
              "11 09 05 01 0a 0b 01 03 61 03 01 0a 02",
              new StrictArray(
                  List.of(new Obj(map("a", new Bool(true))), new Obj(map("a", new Bool(true)))))),
          read(
              "amf 3 vector of int",
              "11 0d 05 00 00000001 ffffffff",
              new StrictArray(List.of(new Num(1), new Num(-1)))),
          read(
              "amf 3 vector of uint",
              "11 0e 03 00 ffffffff",
              new StrictArray(List.of(new Num(4294967295.0)))),
          read(
              "amf 3 vector of double",
              "11 0f 03 00 3ff8000000000000",
              new StrictArray(List.of(new Num(1.5)))),
          read(
              "amf 3 vector of objects",
              "11 10 03 00 01 03",
              new StrictArray(List.of(new Bool(true)))),
          read(
              "amf 3 dictionary",
              "11 11 03 00 06 03 61 03",
              new EcmaArray(map("a", new Bool(true)))));

  private AmfCases() {}

  private static Case both(String name, String hex, AmfValue value) {
    return new Case(name, hex, value, true);
  }

  private static Case read(String name, String hex, AmfValue value) {
    return new Case(name, hex, value, false);
  }

  private static Map<String, AmfValue> map(Object... namesAndValues) {
    Map<String, AmfValue> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], (AmfValue) namesAndValues[i + 1]);
    }
    return map;
  }
}
