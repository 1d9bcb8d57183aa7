package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code saiz} (ISO/IEC 14496-12 §8.7.8): the size of each sample's auxiliary information, 0–255.
 */
public record AuxiliarySizesBox(List<Integer> sizes) implements Box {
  public AuxiliarySizesBox {
    sizes = List.copyOf(sizes);
  }

  @Override
  public String type() {
    return "saiz";
  }

  private int common() {
    boolean same = !sizes.isEmpty() && sizes.stream().allMatch(sizes.getFirst()::equals);
    return same ? sizes.getFirst() : 0;
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 5 + (common() == 0 ? sizes.size() : 0);
  }

  @Override
  public void write(ByteBuffer out) {
    int common = common();
    Fields.fullHeader(out, this, 0, 0);
    out.put((byte) common).putInt(sizes.size());
    if (common == 0) {
      sizes.forEach(size -> out.put(size.byteValue()));
    }
  }

  static AuxiliarySizesBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    int common = in.get() & 0xFF;
    int count = in.getInt();
    if (count < 0 || count > (common == 0 ? in.remaining() : 1 << 16)) {
      throw new IllegalArgumentException("saiz: more samples than it can hold");
    }
    List<Integer> sizes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sizes.add(common == 0 ? in.get() & 0xFF : common);
    }
    return new AuxiliarySizesBox(sizes);
  }
}
