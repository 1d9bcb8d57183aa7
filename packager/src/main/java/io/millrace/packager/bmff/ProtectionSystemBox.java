package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code pssh} (ISO/IEC 23001-7 §8.1): what a DRM system needs to get a licence.
 *
 * <pre>
 *  128 SystemID | version 1: 32 KID_count, 128 KID each | 32 DataSize | data
 * </pre>
 *
 * @param kids empty: written as version 0
 * @param data the system's own; shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // equals is by content
public record ProtectionSystemBox(UUID system, List<UUID> kids, byte[] data) implements Box {
  /** The W3C's common format: key identifiers and nothing else ("cenc" Initialization Data §3). */
  public static final UUID COMMON = UUID.fromString("1077efec-c0b2-4d02-ace3-3c1e52e2fb4b");

  private static final int UUID_BYTES = 16;

  public ProtectionSystemBox {
    kids = List.copyOf(kids);
  }

  /** For any system that needs no more than the key's name. */
  public static ProtectionSystemBox common(UUID kid) {
    return new ProtectionSystemBox(COMMON, List.of(kid), new byte[0]);
  }

  @Override
  public String type() {
    return "pssh";
  }

  @Override
  public int sizeBytes() {
    int names = kids.isEmpty() ? 0 : 4 + UUID_BYTES * kids.size();
    return Math.addExact(FULL_HEADER_BYTES + UUID_BYTES + names + 4, data.length);
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, kids.isEmpty() ? 0 : 1, 0);
    Fields.uuid(out, system);
    if (!kids.isEmpty()) {
      out.putInt(kids.size());
      kids.forEach(kid -> Fields.uuid(out, kid));
    }
    out.putInt(data.length).put(data);
  }

  static ProtectionSystemBox read(ByteBuffer in) {
    int version = in.getInt() >>> 24;
    UUID system = Fields.uuid(in);
    int count = version == 0 ? 0 : in.getInt();
    if (count < 0 || count > in.remaining() / UUID_BYTES) {
      throw new IllegalArgumentException("pssh: more key identifiers than it can hold");
    }
    List<UUID> kids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      kids.add(Fields.uuid(in));
    }
    int size = in.getInt();
    if (size < 0 || size > in.remaining()) {
      throw new IllegalArgumentException("pssh: more data than it can hold");
    }
    byte[] data = new byte[size];
    in.get(data);
    return new ProtectionSystemBox(system, kids, data);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ProtectionSystemBox that
        && system.equals(that.system)
        && kids.equals(that.kids)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * system.hashCode() + kids.hashCode();
  }

  @Override
  public String toString() {
    return "ProtectionSystemBox[" + system + " kids " + kids + " " + data.length + " bytes]";
  }
}
