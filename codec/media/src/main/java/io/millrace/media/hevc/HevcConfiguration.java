package io.millrace.media.hevc;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.nal.DisplaySei;
import io.millrace.media.nal.EmulationPrevention;
import io.millrace.media.nal.NalCursor;
import io.millrace.media.nal.SeiMessages;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1).
 *
 * <pre>
 *  8 configurationVersion 1
 *  2 general_profile_space | 1 general_tier_flag | 5 general_profile_idc
 * 32 general_profile_compatibility_flags | 48 general_constraint_indicator_flags | 8 general_level_idc
 *  4 ones | 12 min_spatial_segmentation_idc | 6 ones | 2 parallelismType | 6 ones | 2 chroma_format_idc
 *  5 ones | 3 bit_depth_luma_minus8 | 5 ones | 3 bit_depth_chroma_minus8
 * 16 avgFrameRate | 2 constantFrameRate | 3 numTemporalLayers | 1 temporalIdNested | 2 lengthSizeMinusOne
 *  8 count of arrays, each: 1 array_completeness | 1 zero | 6 NAL_unit_type | 16 count, each: 16 length, NAL unit
 * </pre>
 *
 * Everything before the arrays is always what the first SPS says, and the arrays are complete, as
 * {@code hvc1} wants it (§8.4.1); min_spatial_segmentation_idc, parallelismType and the frame rate
 * are written as "unknown". Immutable; the arrays are shared and read-only.
 */
public final class HevcConfiguration {
  private static final int FIXED_SIZE_BYTES = 23;

  private final int lengthSize;
  private final List<byte[]> videoParameterSets;
  private final List<byte[]> sequenceParameterSets;
  private final List<byte[]> pictureParameterSets;
  private final List<byte[]> prefixSei;
  private final SequenceParameterSet first;
  private final @Nullable Rational frameRate;
  private final @Nullable Hdr hdr;

  private HevcConfiguration(
      int lengthSize, List<byte[]> vps, List<byte[]> sps, List<byte[]> pps, List<byte[]> sei) {
    NalCursor.checkLengthSize(lengthSize);
    if (vps.isEmpty() || sps.isEmpty() || pps.isEmpty()) {
      throw malformed("no video, sequence or picture parameter set");
    }
    this.lengthSize = lengthSize;
    this.videoParameterSets = List.copyOf(vps);
    this.sequenceParameterSets = List.copyOf(sps);
    this.pictureParameterSets = List.copyOf(pps);
    this.prefixSei = List.copyOf(sei);
    this.first = SequenceParameterSet.parse(sps.getFirst());
    Rational rate = first.usability().frameRate();
    this.frameRate = rate != null ? rate : VideoParameterSet.parse(vps.getFirst()).frameRate();
    DisplaySei display = new DisplaySei();
    for (byte[] unit : sei) {
      byte[] rbsp = EmulationPrevention.remove(unit);
      display.read(new SeiMessages("HEVC", rbsp, NalUnits.HEADER_SIZE_BYTES));
    }
    this.hdr = display.hdr();
  }

  /**
   * Builds the record from NAL units.
   *
   * @param lengthSize bytes of a NAL length in the samples: 1, 2 or 4
   * @throws MediaFormatException if the first VPS or SPS is malformed, or there is none of a kind
   */
  public static HevcConfiguration of(
      int lengthSize, List<byte[]> vps, List<byte[]> sps, List<byte[]> pps) {
    ParameterSetCollector units = new ParameterSetCollector();
    vps.forEach(units::add);
    sps.forEach(units::add);
    pps.forEach(units::add);
    return of(lengthSize, units);
  }

  private static HevcConfiguration of(int lengthSize, ParameterSetCollector units) {
    return new HevcConfiguration(
        lengthSize,
        units.of(NalUnits.VPS),
        units.of(NalUnits.SPS),
        units.of(NalUnits.PPS),
        units.of(NalUnits.PREFIX_SEI));
  }

  /**
   * Reads a record. Units of other layers and of kinds that no record needs are left out.
   *
   * @throws MediaFormatException malformed, also without a parameter set of each kind
   */
  public static HevcConfiguration parse(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    if (bytes.length < FIXED_SIZE_BYTES) {
      throw malformed("ends early");
    }
    // Version 0 comes from encoders that followed the draft; the layout is the same.
    if (bytes[0] != 1 && bytes[0] != 0) {
      throw malformed("configurationVersion " + bytes[0]);
    }
    int lengthSize = 1 + (bytes[21] & 3);
    if (lengthSize == 3) {
      throw malformed("lengthSizeMinusOne 2");
    }
    in.readerIndex(FIXED_SIZE_BYTES - 1);
    ParameterSetCollector units = new ParameterSetCollector();
    for (int arrays = in.readUnsignedByte(); arrays > 0; arrays--) {
      if (in.readableBytes() < 3) {
        throw malformed("ends early");
      }
      int type = in.readByte() & 0x3F;
      for (int count = in.readUnsignedShort(); count > 0; count--) {
        byte[] unit = nalUnit(in);
        if (NalUnits.typeOf(unit[0] & 0xFF) != type) {
          throw malformed(
              "NAL unit type " + NalUnits.typeOf(unit[0] & 0xFF) + " where " + type + " belongs");
        }
        units.add(unit);
      }
    }
    return of(lengthSize, units);
  }

  private static byte[] nalUnit(ByteBuf in) {
    int size = in.readableBytes() < 2 ? 0 : in.readUnsignedShort();
    if (size < NalUnits.HEADER_SIZE_BYTES || size > in.readableBytes()) {
      throw malformed("NAL unit of " + size + " bytes where " + in.readableBytes() + " are");
    }
    byte[] unit = new byte[size];
    in.readBytes(unit);
    return unit;
  }

  /**
   * Builds the record from an Annex B byte stream with at least one VPS, SPS and PPS, such as an
   * encoder's extradata or the start of its first access unit. Repeated sets are taken once.
   *
   * @param in borrowed; its indices stay
   * @param lengthSize that the samples will have
   * @throws MediaFormatException if one is missing or malformed
   */
  public static HevcConfiguration fromAnnexB(ByteBuf in, int lengthSize) {
    HevcConfiguration found = collect(NalUnits.annexB(in), lengthSize);
    if (found == null) {
      throw malformed("no VPS, SPS and PPS in the byte stream");
    }
    return found;
  }

  /**
   * The parameter sets inside a length-prefixed access unit, or null when it does not carry one of
   * each kind.
   *
   * @param accessUnit borrowed; its indices stay
   * @throws MediaFormatException if the lengths do not tile the unit, or a set is malformed
   */
  public static @Nullable HevcConfiguration inBand(ByteBuf accessUnit, int lengthSize) {
    return collect(NalUnits.lengthPrefixed(accessUnit, lengthSize), lengthSize);
  }

  private static @Nullable HevcConfiguration collect(NalUnits nals, int lengthSize) {
    ParameterSetCollector units = new ParameterSetCollector();
    while (nals.next()) {
      switch (nals.type()) {
        case NalUnits.VPS, NalUnits.SPS, NalUnits.PPS -> units.add(nals);
        default -> {}
      }
    }
    return units.isComplete() ? of(lengthSize, units) : null;
  }

  /** Writes the record; a new array. */
  public byte[] toBytes() {
    ByteBuf out = Unpooled.buffer(256);
    ProfileTierLevel profile = first.profile();
    out.writeByte(1);
    out.writeByte(
        profile.profileSpace() << 6 | (profile.highTier() ? 0x20 : 0) | profile.profileIdc());
    out.writeInt(profile.compatibilityFlags());
    out.writeShort((int) (profile.constraintFlags() >>> 32))
        .writeInt((int) profile.constraintFlags());
    out.writeByte(profile.levelIdc()).writeShort(0xF000).writeByte(0xFC);
    out.writeByte(0xFC | first.chromaFormatIdc());
    out.writeByte(0xF8 | (first.bitDepthLuma() - 8 & 7));
    out.writeByte(0xF8 | (first.bitDepthChroma() - 8 & 7));
    out.writeShort(0);
    out.writeByte(
        first.temporalLayers() << 3 | (first.temporalIdNesting() ? 4 : 0) | (lengthSize - 1));
    out.writeByte(prefixSei.isEmpty() ? 3 : 4);
    write(NalUnits.VPS, videoParameterSets, out);
    write(NalUnits.SPS, sequenceParameterSets, out);
    write(NalUnits.PPS, pictureParameterSets, out);
    if (!prefixSei.isEmpty()) {
      write(NalUnits.PREFIX_SEI, prefixSei, out);
    }
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  private static void write(int type, List<byte[]> units, ByteBuf out) {
    boolean complete = type != NalUnits.PREFIX_SEI;
    out.writeByte((complete ? 0x80 : 0) | type).writeShort(units.size());
    for (byte[] unit : units) {
      out.writeShort(unit.length).writeBytes(unit);
    }
  }

  /** Bytes of a NAL length in the samples: 1, 2 or 4. */
  public int lengthSize() {
    return lengthSize;
  }

  /** Whole NAL units; at least one. */
  public List<byte[]> videoParameterSets() {
    return videoParameterSets;
  }

  /** Whole NAL units; at least one. */
  public List<byte[]> sequenceParameterSets() {
    return sequenceParameterSets;
  }

  /** Whole NAL units; at least one. */
  public List<byte[]> pictureParameterSets() {
    return pictureParameterSets;
  }

  /** The first sequence parameter set, parsed. */
  public SequenceParameterSet sequence() {
    return first;
  }

  /** {@code hvc1.2.4.L123.B0} (ISO/IEC 14496-15 Annex E.3). */
  public String codecs() {
    return first.profile().codecs();
  }

  /** The format of a track with this configuration, unrotated. */
  public TrackFormat.Video toFormat() {
    Colour colour = first.usability().colour();
    return new TrackFormat.Video(
        VideoCodec.HEVC,
        codecs(),
        toBytes(),
        first.width(),
        first.height(),
        first.usability().sampleAspectRatio(),
        frameRate,
        hdr == null ? colour : colour.withHdr(hdr),
        0);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HevcConfiguration that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }

  @Override
  public String toString() {
    return codecs() + " " + first.width() + "x" + first.height();
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("HEVCDecoderConfigurationRecord: " + what);
  }
}
