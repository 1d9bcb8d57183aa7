package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.nal.SeiMessages;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Gathers the NAL units of a configuration: each once, of the base layer only, bounded. */
final class ParameterSetCollector {
  private static final int MAXIMUM_VPS = 16;
  private static final int MAXIMUM_SPS = 16;
  private static final int MAXIMUM_PPS = 64;
  private static final int MAXIMUM_SEI = 16;
  private static final int MAXIMUM_NAL_SIZE_BYTES = 0xFFFF;

  private final Set<ByteBuffer> vps = new LinkedHashSet<>();
  private final Set<ByteBuffer> sps = new LinkedHashSet<>();
  private final Set<ByteBuffer> pps = new LinkedHashSet<>();
  private final Set<ByteBuffer> sei = new LinkedHashSet<>();

  /** Takes the cursor's current unit. */
  void add(NalUnits nals) {
    if (nals.sizeBytes() > MAXIMUM_NAL_SIZE_BYTES) {
      throw malformed("parameter set of " + nals.sizeBytes() + " bytes");
    }
    add(nals.copy());
  }

  /** Takes a whole NAL unit of any kind and keeps those that a configuration has. */
  void add(byte[] unit) {
    if (unit.length < NalUnits.HEADER_SIZE_BYTES || unit.length > MAXIMUM_NAL_SIZE_BYTES) {
      throw malformed("parameter set of " + unit.length + " bytes");
    }
    boolean baseLayer = (unit[0] & 1) == 0 && (unit[1] & 0xF8) == 0;
    if (!baseLayer) {
      return;
    }
    switch (NalUnits.typeOf(unit[0] & 0xFF)) {
      case NalUnits.VPS -> add(vps, unit, MAXIMUM_VPS);
      case NalUnits.SPS -> add(sps, unit, MAXIMUM_SPS);
      case NalUnits.PPS -> add(pps, unit, MAXIMUM_PPS);
      case NalUnits.PREFIX_SEI -> {
        if (unit.length <= SeiMessages.MAXIMUM_SIZE_BYTES) {
          add(sei, unit, MAXIMUM_SEI);
        }
      }
      default -> {}
    }
  }

  boolean isComplete() {
    return !vps.isEmpty() && !sps.isEmpty() && !pps.isEmpty();
  }

  /** Units of a nal_unit_type, in the order in which they came. */
  List<byte[]> of(int type) {
    Set<ByteBuffer> units =
        switch (type) {
          case NalUnits.VPS -> vps;
          case NalUnits.SPS -> sps;
          case NalUnits.PPS -> pps;
          case NalUnits.PREFIX_SEI -> sei;
          default -> throw new IllegalArgumentException("nal_unit_type " + type);
        };
    return units.stream().map(ByteBuffer::array).toList();
  }

  private static void add(Set<ByteBuffer> units, byte[] unit, int maximum) {
    units.add(ByteBuffer.wrap(unit));
    if (units.size() > maximum) {
      throw malformed("too many parameter sets");
    }
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("HEVC configuration: " + what);
  }
}
