package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code tenc} (ISO/IEC 23001-7 §8.2): how every sample of the track is encrypted.
 *
 * <pre>
 *  8 reserved | version 0: 8 reserved, version 1: 4 crypt_byte_block, 4 skip_byte_block
 *  8 isProtected 1 | 8 Per_Sample_IV_Size | 128 KID | [8 constant_IV_size | constant_IV]
 * </pre>
 *
 * @param cryptBlocks of the pattern; 0 with {@code skipBlocks} 0: no pattern
 * @param perSampleIvBytes 0 where one IV serves all samples
 * @param constantIv 8 or 16 bytes where {@code perSampleIvBytes} is 0, else empty
 */
@SuppressWarnings("ArrayRecordComponent") // equals is by content
public record TrackEncryptionBox(
    int cryptBlocks, int skipBlocks, int perSampleIvBytes, UUID kid, byte[] constantIv)
    implements Box {
  private static final int FIXED_BYTES = 20;

  public TrackEncryptionBox {
    boolean constant = constantIv.length == 8 || constantIv.length == 16;
    if (perSampleIvBytes == 0 ? !constant : constantIv.length > 0) {
      throw new IllegalArgumentException("tenc: an IV for all samples or one for each");
    }
  }

  @Override
  public String type() {
    return "tenc";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + FIXED_BYTES + (perSampleIvBytes == 0 ? 1 + constantIv.length : 0);
  }

  @Override
  public void write(ByteBuffer out) {
    boolean pattern = cryptBlocks > 0 || skipBlocks > 0;
    Fields.fullHeader(out, this, pattern ? 1 : 0, 0);
    out.put((byte) 0).put((byte) (cryptBlocks << 4 | skipBlocks));
    out.put((byte) 1).put((byte) perSampleIvBytes);
    Fields.uuid(out, kid);
    if (perSampleIvBytes == 0) {
      out.put((byte) constantIv.length).put(constantIv);
    }
  }

  static TrackEncryptionBox read(ByteBuffer in) {
    Fields.skip(in, 5);
    int pattern = in.get() & 0xFF;
    Fields.skip(in, 1);
    int ivBytes = in.get() & 0xFF;
    UUID kid = Fields.uuid(in);
    byte[] constant = new byte[ivBytes == 0 ? in.get() & 0xFF : 0];
    in.get(constant);
    return new TrackEncryptionBox(pattern >> 4, pattern & 15, ivBytes, kid, constant);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TrackEncryptionBox that
        && cryptBlocks == that.cryptBlocks
        && skipBlocks == that.skipBlocks
        && perSampleIvBytes == that.perSampleIvBytes
        && kid.equals(that.kid)
        && Arrays.equals(constantIv, that.constantIv);
  }

  @Override
  public int hashCode() {
    return kid.hashCode();
  }

  @Override
  public String toString() {
    String pattern = cryptBlocks + ":" + skipBlocks;
    String iv =
        perSampleIvBytes == 0
            ? HexFormat.of().formatHex(constantIv)
            : perSampleIvBytes + " bytes a sample";
    return "TrackEncryptionBox[kid " + kid + " pattern " + pattern + " IV " + iv + "]";
  }
}
