package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A codec's own configuration record: {@code avcC} (ISO/IEC 14496-15 §5.4.2.1), {@code hvcC}
 * (§8.4.1), {@code av1C} (AV1-ISOBMFF §2.3), {@code dOps} (Opus in ISOBMFF §4.3.2).
 *
 * @param record its bytes; shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record CodecConfigurationBox(String type, byte[] record) implements Box {
  @Override
  public int sizeBytes() {
    return HEADER_BYTES + record.length;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.put(record);
  }

  static CodecConfigurationBox read(String type, ByteBuffer in) {
    byte[] record = new byte[in.remaining()];
    in.get(record);
    return new CodecConfigurationBox(type, record);
  }

  @Override
  public String toString() {
    return "CodecConfigurationBox[" + type + " " + HexFormat.of().formatHex(record) + "]";
  }
}
