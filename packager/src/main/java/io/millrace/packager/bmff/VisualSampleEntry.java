package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * {@code avc1} (ISO/IEC 14496-15 §5.4.2.1), {@code hvc1} (§8.4.1), {@code av01} (AV1-ISOBMFF §2.2)
 * or {@code vp09} (VP Codec ISO Media File Format Binding): a visual sample entry (ISO/IEC 14496-12
 * §12.1.3).
 *
 * @param widthPixels coded width after cropping
 * @param heightPixels coded height after cropping
 * @param children configuration record, {@code colr}, {@code mdcv}, {@code clli}, {@code pasp},
 *     {@code btrt}
 */
public record VisualSampleEntry(String type, int widthPixels, int heightPixels, List<Box> children)
    implements Box {
  private static final int FIXED_BYTES = 78;
  private static final int DPI_72 = 0x0048_0000;
  private static final short COLOUR_WITHOUT_ALPHA = 0x0018;

  public VisualSampleEntry {
    children = List.copyOf(children);
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + FIXED_BYTES + Box.sizeBytes(children);
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    Fields.zeros(out, 6);
    out.putShort((short) 1); // data reference index
    Fields.zeros(out, 16);
    out.putShort((short) widthPixels).putShort((short) heightPixels);
    out.putInt(DPI_72).putInt(DPI_72).putInt(0);
    out.putShort((short) 1); // frames per sample
    Fields.zeros(out, 32); // compressor name
    out.putShort(COLOUR_WITHOUT_ALPHA).putShort((short) -1);
    children.forEach(child -> child.write(out));
  }

  static VisualSampleEntry read(String type, ByteBuffer in, BoxReader reader) {
    Fields.skip(in, 24);
    int width = in.getShort() & 0xFFFF;
    int height = in.getShort() & 0xFFFF;
    Fields.skip(in, FIXED_BYTES - 28);
    return new VisualSampleEntry(type, width, height, reader.boxes(in));
  }
}
