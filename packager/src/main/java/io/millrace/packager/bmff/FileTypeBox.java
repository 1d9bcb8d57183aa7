package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ftyp} or {@code styp} (ISO/IEC 14496-12 §4.3, §8.16.2): which rules the file or segment
 * follows.
 */
public record FileTypeBox(String type, String majorBrand, int minorVersion, List<String> brands)
    implements Box {
  public FileTypeBox {
    brands = List.copyOf(brands);
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 8 + 4 * brands.size();
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    Fields.fourCc(out, majorBrand);
    out.putInt(minorVersion);
    brands.forEach(brand -> Fields.fourCc(out, brand));
  }

  static FileTypeBox read(String type, ByteBuffer in) {
    String major = Fields.fourCc(in);
    int minor = in.getInt();
    List<String> brands = new ArrayList<>(in.remaining() / 4);
    while (in.remaining() >= 4) {
      brands.add(Fields.fourCc(in));
    }
    return new FileTypeBox(type, major, minor, brands);
  }
}
