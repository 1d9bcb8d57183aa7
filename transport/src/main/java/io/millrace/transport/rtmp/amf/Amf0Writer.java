package io.millrace.transport.rtmp.amf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.Map;

/** Writes AMF 0; the layout is drawn at {@link Amf0Reader}. */
public final class Amf0Writer {
  private static final int MAX_SHORT_TEXT_BYTES = 0xFFFF;

  private Amf0Writer() {}

  /** Appends {@code values}, plain Java or {@link AmfValue}, to {@code out}. Borrows it. */
  public static void writeAll(ByteBuf out, List<? extends Object> values) {
    for (Object value : values) {
      write(out, AmfValue.fromPlain(value));
    }
  }

  /** Appends one value. Borrows {@code out}. */
  public static void write(ByteBuf out, AmfValue value) {
    switch (value) {
      case AmfValue.Num(double number) -> out.writeByte(Amf0Reader.NUMBER).writeDouble(number);
      case AmfValue.Bool(boolean bool) -> out.writeByte(Amf0Reader.BOOLEAN).writeBoolean(bool);
      case AmfValue.Str(String text) -> writeText(out, text);
      case AmfValue.Null() -> out.writeByte(Amf0Reader.NULL);
      case AmfValue.Obj(Map<String, AmfValue> properties) -> {
        out.writeByte(Amf0Reader.OBJECT);
        writeProperties(out, properties);
      }
      case AmfValue.EcmaArray(Map<String, AmfValue> properties) -> {
        out.writeByte(Amf0Reader.ECMA_ARRAY).writeInt(properties.size());
        writeProperties(out, properties);
      }
      case AmfValue.StrictArray(List<AmfValue> elements) -> {
        out.writeByte(Amf0Reader.STRICT_ARRAY).writeInt(elements.size());
        for (AmfValue element : elements) {
          write(out, element);
        }
      }
      case AmfValue.Date(double epochMs) ->
          out.writeByte(Amf0Reader.DATE).writeDouble(epochMs).writeShort(0);
      case AmfValue.Xml(String text) -> {
        out.writeByte(Amf0Reader.XML_DOCUMENT).writeInt(ByteBufUtil.utf8Bytes(text));
        ByteBufUtil.writeUtf8(out, text);
      }
    }
  }

  private static void writeText(ByteBuf out, String text) {
    int bytes = ByteBufUtil.utf8Bytes(text);
    if (bytes <= MAX_SHORT_TEXT_BYTES) {
      out.writeByte(Amf0Reader.STRING).writeShort(bytes);
    } else {
      out.writeByte(Amf0Reader.LONG_STRING).writeInt(bytes);
    }
    ByteBufUtil.writeUtf8(out, text);
  }

  private static void writeProperties(ByteBuf out, Map<String, AmfValue> properties) {
    properties.forEach(
        (name, value) -> {
          int bytes = ByteBufUtil.utf8Bytes(name);
          if (bytes > MAX_SHORT_TEXT_BYTES) {
            throw new IllegalArgumentException("AMF property name of " + bytes + " bytes");
          }
          out.writeShort(bytes);
          ByteBufUtil.writeUtf8(out, name);
          write(out, value);
        });
    out.writeShort(0).writeByte(Amf0Reader.OBJECT_END);
  }
}
