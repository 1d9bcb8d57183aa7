package io.millrace.media.vp9;

import io.millrace.media.Colour;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import org.jspecify.annotations.Nullable;

/**
 * VPCodecConfigurationRecord, the content of the vpcC box behind its version and flags (VP Codec
 * ISO Media File Format Binding, "VP Codec Configuration Box").
 *
 * <pre>
 *  8 profile | 8 level | 4 bitDepth | 3 chromaSubsampling | 1 videoFullRangeFlag
 *  8 colourPrimaries | 8 transferCharacteristics | 8 matrixCoefficients | 16 codecInitializationDataSize 0
 * </pre>
 *
 * It does not have the size of the picture: a key frame has.
 *
 * @param profile 0–3
 * @param level ten times the level: 31 is 3.1; 0 undefined
 * @param bitDepth 8, 10 or 12
 * @param chromaSubsampling 0 4:2:0 vertical, 1 4:2:0 colocated, 2 4:2:2, 3 4:4:4
 * @param colour without high-dynamic-range metadata
 */
public record Vp9Configuration(
    int profile, int level, int bitDepth, int chromaSubsampling, Colour colour) {
  private static final int SIZE_BYTES = 8;
  private static final int FULL_BOX_BYTES = 4;
  private static final int COLOCATED = 1;

  /** What a player assumes where the codecs parameter stops after the bit depth. */
  private static final Colour CODECS_DEFAULT = new Colour(1, 1, 1, false);

  public Vp9Configuration {
    if (profile < 0 || profile > 3 || (bitDepth != 8 && bitDepth != 10 && bitDepth != 12)) {
      throw malformed("profile " + profile + " with " + bitDepth + " bits");
    }
    if (profile < 2 && bitDepth != 8 || profile >= 2 && bitDepth == 8) {
      throw malformed("profile " + profile + " with " + bitDepth + " bits");
    }
    if (chromaSubsampling < 0 || chromaSubsampling > 3 || level < 0 || level > 255) {
      throw malformed("level " + level + ", chromaSubsampling " + chromaSubsampling);
    }
  }

  /**
   * Reads a record, also one with the box's version and flags before it, which FFmpeg has: a
   * profile 1 of level 0 and bit depth 0 cannot exist, so the two are told apart.
   *
   * @throws MediaFormatException malformed
   */
  public static Vp9Configuration parse(byte[] bytes) {
    boolean fullBox =
        bytes.length >= FULL_BOX_BYTES + SIZE_BYTES
            && bytes[0] == 1
            && bytes[1] == 0
            && bytes[2] == 0
            && bytes[3] == 0;
    int at = fullBox ? FULL_BOX_BYTES : 0;
    if (bytes.length - at < SIZE_BYTES) {
      throw malformed("ends early");
    }
    int packed = bytes[at + 2] & 0xFF;
    if (bytes[at + 6] != 0 || bytes[at + 7] != 0) {
      throw malformed("codecInitializationDataSize is not 0");
    }
    return new Vp9Configuration(
        bytes[at] & 0xFF,
        bytes[at + 1] & 0xFF,
        packed >> 4,
        packed >> 1 & 7,
        new Colour(
            bytes[at + 3] & 0xFF, bytes[at + 4] & 0xFF, bytes[at + 5] & 0xFF, (packed & 1) != 0));
  }

  /**
   * The configuration of a stream that comes without a record, from a key frame.
   *
   * @param frameRate for the level; null counts as 60
   */
  public static Vp9Configuration of(FrameHeader key, @Nullable Rational frameRate) {
    if (key.subsamplingY() && !key.subsamplingX()) {
      throw MediaFormatException.unsupported("VP9 with 4:4:0 chroma");
    }
    int subsampling = key.subsamplingX() ? (key.subsamplingY() ? COLOCATED : 2) : 3;
    return new Vp9Configuration(
        key.profile(),
        Levels.of(key.width(), key.height(), frameRate),
        key.bitDepth(),
        subsampling,
        new Colour(2, 2, key.matrix(), key.fullRange()));
  }

  /** The configuration of what an encoder of 8-bit 4:2:0 pictures makes. */
  public static Vp9Configuration ofEncoder(
      int width, int height, @Nullable Rational frameRate, Colour colour) {
    Colour plain =
        new Colour(colour.primaries(), colour.transfer(), colour.matrix(), colour.fullRange());
    return new Vp9Configuration(0, Levels.of(width, height, frameRate), 8, COLOCATED, plain);
  }

  /** Writes the record; a new array. */
  public byte[] toBytes() {
    byte[] out = new byte[SIZE_BYTES];
    out[0] = (byte) profile;
    out[1] = (byte) level;
    out[2] = (byte) (bitDepth << 4 | chromaSubsampling << 1 | (colour.fullRange() ? 1 : 0));
    out[3] = (byte) colour.primaries();
    out[4] = (byte) colour.transfer();
    out[5] = (byte) colour.matrix();
    return out;
  }

  /**
   * {@code vp09.PP.LL.DD}, with {@code .CC.cp.tc.mc.FF} behind it where any of those differs from
   * what its absence means: 4:2:0 colocated, BT.709, limited range. Colour that the stream leaves
   * unspecified counts as that default.
   */
  public String codecs() {
    String base = String.format("vp09.%02d.%02d.%02d", profile, level, bitDepth);
    boolean defaults =
        chromaSubsampling <= COLOCATED
            && (colour.equals(CODECS_DEFAULT) || colour.equals(Colour.UNSPECIFIED));
    return defaults
        ? base
        : base
            + String.format(
                ".%02d.%02d.%02d.%02d.%02d",
                chromaSubsampling,
                colour.primaries(),
                colour.transfer(),
                colour.matrix(),
                colour.fullRange() ? 1 : 0);
  }

  /**
   * The format of a track with this configuration whose next picture is {@code key}: square pixels,
   * unrotated, rate unknown.
   *
   * @throws MediaFormatException malformed where the frame is not of this configuration
   */
  public TrackFormat.Video toFormat(FrameHeader key) {
    if (key.profile() != profile || key.bitDepth() != bitDepth) {
      throw malformed("profile " + profile + " before a frame of profile " + key.profile());
    }
    return new TrackFormat.Video(
        VideoCodec.VP9,
        codecs(),
        toBytes(),
        key.width(),
        key.height(),
        Rational.ONE,
        null,
        colour,
        0);
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("VPCodecConfigurationRecord: " + what);
  }
}
