package io.millrace.media.av1;

import io.millrace.media.Hdr;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.bits.BitReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * metadata_obu() with the metadata of high dynamic range (AV1 specification §5.8.3, §5.8.4).
 *
 * <pre>
 * leb128 metadata_type
 *   1 HDR_CLL   16 max_cll | 16 max_fall, cd/m²
 *   2 HDR_MDCV  3 × { 16 x | 16 y } red, green, blue | 16 white x | 16 white y, in 1/65536
 *               32 luminance_max in 1/256 cd/m² | 32 luminance_min in 1/16384 cd/m²
 * </pre>
 */
public final class HdrMetadata {
  private static final int HDR_CLL = 1;
  private static final int HDR_MDCV = 2;
  private static final int MAXIMUM_SIZE_BYTES = 64;
  private static final int CHROMATICITY_UNITS = 50_000;
  private static final int LUMINANCE_UNITS = 10_000;

  private HdrMetadata() {}

  /**
   * What the metadata OBUs among {@code obus} say; null where they say nothing.
   *
   * @param obus a temporal unit or a configuration's OBUs; borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public static @Nullable Hdr read(ByteBuf obus) {
    Hdr.MasteringDisplay display = null;
    Hdr.ContentLight light = null;
    Obus cursor = Obus.of(obus);
    while (cursor.next()) {
      if (cursor.type() != Obus.METADATA || cursor.payloadSizeBytes() > MAXIMUM_SIZE_BYTES) {
        continue;
      }
      BitReader in = new BitReader("AV1 metadata", cursor.copyPayload());
      switch (in.bits(8)) {
        case HDR_CLL -> light = new Hdr.ContentLight(in.bits(16), in.bits(16));
        case HDR_MDCV -> display = masteringDisplay(in);
        default -> {}
      }
    }
    return display == null && light == null ? null : new Hdr(display, light);
  }

  private static Hdr.MasteringDisplay masteringDisplay(BitReader in) {
    return new Hdr.MasteringDisplay(
        chromaticity(in),
        chromaticity(in),
        chromaticity(in),
        chromaticity(in),
        chromaticity(in),
        chromaticity(in),
        chromaticity(in),
        chromaticity(in),
        Timescale.scale(in.longBits(32), LUMINANCE_UNITS, 1 << 8),
        Timescale.scale(in.longBits(32), LUMINANCE_UNITS, 1 << 14));
  }

  private static int chromaticity(BitReader in) {
    return (int) Timescale.scale(in.bits(16), CHROMATICITY_UNITS, 1 << 16);
  }
}
