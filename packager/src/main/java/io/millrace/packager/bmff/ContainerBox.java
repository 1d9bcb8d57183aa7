package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/** A box that holds boxes and nothing else ({@code moov}, {@code moof} …). */
public record ContainerBox(String type, List<Box> children) implements Box {
  static final Set<String> TYPES =
      Set.of(
          "moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "sinf", "schi");

  public ContainerBox {
    children = List.copyOf(children);
  }

  public static ContainerBox of(String type, Box... children) {
    return new ContainerBox(type, List.of(children));
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + Box.sizeBytes(children);
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    children.forEach(child -> child.write(out));
  }
}
