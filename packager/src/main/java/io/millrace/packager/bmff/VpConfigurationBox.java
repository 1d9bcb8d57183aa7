package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * {@code vpcC} version 1 (VP Codec ISO Media File Format Binding, "VP Codec Configuration Box").
 *
 * @param record VPCodecConfigurationRecord, behind version and flags; shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record VpConfigurationBox(byte[] record) implements Box {
  @Override
  public String type() {
    return "vpcC";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + record.length;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 1, 0);
    out.put(record);
  }

  static VpConfigurationBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    byte[] record = new byte[in.remaining()];
    in.get(record);
    return new VpConfigurationBox(record);
  }

  @Override
  public String toString() {
    return "VpConfigurationBox[" + HexFormat.of().formatHex(record) + "]";
  }
}
