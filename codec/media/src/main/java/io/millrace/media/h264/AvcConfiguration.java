package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.nal.NalCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1).
 *
 * <pre>
 *  8 configurationVersion 1 | 8 AVCProfileIndication | 8 profile_compatibility | 8 AVCLevelIndication
 *  6 ones | 2 lengthSizeMinusOne | 3 ones | 5 count of SPS, each: 16 length, NAL unit
 *                                         | 8 count of PPS, each: 16 length, NAL unit
 *  High profiles: 6 ones | 2 chroma_format | 5 ones | 3 bit_depth_luma_minus8
 *                 5 ones | 3 bit_depth_chroma_minus8 | 8 count of SPS extensions, each as above
 * </pre>
 *
 * Profile, compatibility and level are always those of the first SPS, and so are chroma format and
 * bit depths: what senders repeat in the record is not trusted. Immutable; the arrays are shared
 * and read-only.
 */
public final class AvcConfiguration {
  private static final int MAXIMUM_SPS = 31;
  private static final int MAXIMUM_PPS = 255;
  private static final int MAXIMUM_NAL_SIZE_BYTES = 0xFFFF;

  private final int lengthSize;
  private final List<byte[]> sequenceParameterSets;
  private final List<byte[]> pictureParameterSets;
  private final List<byte[]> sequenceParameterSetExtensions;
  private final SequenceParameterSet first;

  private AvcConfiguration(
      int lengthSize, List<byte[]> sps, List<byte[]> pps, List<byte[]> spsExtensions) {
    NalCursor.checkLengthSize(lengthSize);
    if (sps.isEmpty()) {
      throw malformed("no sequence parameter set");
    }
    if (sps.size() > MAXIMUM_SPS || pps.size() > MAXIMUM_PPS || spsExtensions.size() > 255) {
      throw malformed("too many parameter sets");
    }
    this.lengthSize = lengthSize;
    this.sequenceParameterSets = List.copyOf(sps);
    this.pictureParameterSets = List.copyOf(pps);
    this.sequenceParameterSetExtensions = List.copyOf(spsExtensions);
    this.first = SequenceParameterSet.parse(sps.getFirst());
  }

  /**
   * Builds the record from NAL units.
   *
   * @param lengthSize bytes of a NAL length in the samples: 1, 2 or 4
   * @throws MediaFormatException if the first SPS is malformed or there is none
   */
  public static AvcConfiguration of(int lengthSize, List<byte[]> sps, List<byte[]> pps) {
    return new AvcConfiguration(lengthSize, sps, pps, List.of());
  }

  /**
   * Reads a record. Encoders leave the high-profile part out, so it is optional here.
   *
   * @throws MediaFormatException malformed
   */
  public static AvcConfiguration parse(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    if (bytes.length < 7) {
      throw malformed("ends early");
    }
    if (bytes[0] != 1) {
      throw malformed("configurationVersion " + bytes[0]);
    }
    int lengthSize = 1 + (bytes[4] & 3);
    if (lengthSize == 3) {
      throw malformed("lengthSizeMinusOne 2");
    }
    in.readerIndex(5);
    List<byte[]> sps = nalUnits(in, in.readByte() & 0x1F, NalUnits.SPS);
    if (!in.isReadable()) {
      throw malformed("ends early");
    }
    List<byte[]> pps = nalUnits(in, in.readUnsignedByte(), NalUnits.PPS);
    List<byte[]> extensions = List.of();
    if (in.readableBytes() >= 4 && SequenceParameterSet.isHigh(bytes[1] & 0xFF)) {
      in.skipBytes(3);
      extensions = nalUnits(in, in.readUnsignedByte(), NalUnits.SPS_EXTENSION);
    }
    return new AvcConfiguration(lengthSize, sps, pps, extensions);
  }

  /**
   * Builds the record from an Annex B byte stream with at least one SPS and one PPS, such as an
   * encoder's extradata or the start of its first access unit. Repeated sets are taken once.
   *
   * @param in borrowed; its indices stay
   * @param lengthSize that the samples will have
   * @throws MediaFormatException if either is missing or malformed
   */
  public static AvcConfiguration fromAnnexB(ByteBuf in, int lengthSize) {
    AvcConfiguration found = collect(NalUnits.annexB(in), lengthSize);
    if (found == null) {
      throw malformed("no SPS and PPS in the byte stream");
    }
    return found;
  }

  /**
   * The parameter sets inside a length-prefixed access unit, or null when it does not carry both an
   * SPS and a PPS.
   *
   * @param accessUnit borrowed; its indices stay
   * @throws MediaFormatException if the lengths do not tile the unit, or the SPS is malformed
   */
  public static @Nullable AvcConfiguration inBand(ByteBuf accessUnit, int lengthSize) {
    return collect(NalUnits.lengthPrefixed(accessUnit, lengthSize), lengthSize);
  }

  private static @Nullable AvcConfiguration collect(NalUnits nals, int lengthSize) {
    Set<ByteBuffer> sps = new LinkedHashSet<>();
    Set<ByteBuffer> pps = new LinkedHashSet<>();
    Set<ByteBuffer> extensions = new LinkedHashSet<>();
    while (nals.next()) {
      switch (nals.type()) {
        case NalUnits.SPS -> addOnce(sps, nals, MAXIMUM_SPS);
        case NalUnits.PPS -> addOnce(pps, nals, MAXIMUM_PPS);
        case NalUnits.SPS_EXTENSION -> addOnce(extensions, nals, MAXIMUM_PPS);
        default -> {}
      }
    }
    return sps.isEmpty() || pps.isEmpty()
        ? null
        : new AvcConfiguration(lengthSize, arrays(sps), arrays(pps), arrays(extensions));
  }

  private static void addOnce(Set<ByteBuffer> units, NalUnits nals, int maximum) {
    if (nals.sizeBytes() > MAXIMUM_NAL_SIZE_BYTES) {
      throw malformed("parameter set of " + nals.sizeBytes() + " bytes");
    }
    units.add(ByteBuffer.wrap(nals.copy()));
    if (units.size() > maximum) {
      throw malformed("too many parameter sets");
    }
  }

  private static List<byte[]> arrays(Set<ByteBuffer> units) {
    return units.stream().map(ByteBuffer::array).toList();
  }

  private static List<byte[]> nalUnits(ByteBuf in, int count, int type) {
    List<byte[]> units = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      if (in.readableBytes() < 2) {
        throw malformed("ends early");
      }
      int size = in.readUnsignedShort();
      if (size == 0 || size > in.readableBytes()) {
        throw malformed("parameter set of " + size + " bytes where " + in.readableBytes() + " are");
      }
      byte[] unit = new byte[size];
      in.readBytes(unit);
      if ((unit[0] & 0x1F) != type) {
        throw malformed("NAL unit type " + (unit[0] & 0x1F) + " where " + type + " belongs");
      }
      units.add(unit);
    }
    return units;
  }

  /** Writes the record; a new array. */
  public byte[] toBytes() {
    ByteBuf out = Unpooled.buffer(64);
    byte[] sps = sequenceParameterSets.getFirst();
    out.writeByte(1).writeBytes(sps, 1, 3).writeByte(0xFC | (lengthSize - 1));
    out.writeByte(0xE0 | sequenceParameterSets.size());
    write(sequenceParameterSets, out);
    out.writeByte(pictureParameterSets.size());
    write(pictureParameterSets, out);
    if (SequenceParameterSet.isHigh(first.profileIdc())) {
      out.writeByte(0xFC | first.chromaFormatIdc());
      out.writeByte(0xF8 | (first.bitDepthLuma() - 8));
      out.writeByte(0xF8 | (first.bitDepthChroma() - 8));
      out.writeByte(sequenceParameterSetExtensions.size());
      write(sequenceParameterSetExtensions, out);
    }
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  private static void write(List<byte[]> units, ByteBuf out) {
    for (byte[] unit : units) {
      out.writeShort(unit.length).writeBytes(unit);
    }
  }

  /** Bytes of a NAL length in the samples: 1, 2 or 4. */
  public int lengthSize() {
    return lengthSize;
  }

  /** Whole NAL units; at least one. */
  public List<byte[]> sequenceParameterSets() {
    return sequenceParameterSets;
  }

  /** Whole NAL units; empty when they come with the samples (avc3). */
  public List<byte[]> pictureParameterSets() {
    return pictureParameterSets;
  }

  /** The first sequence parameter set, parsed. */
  public SequenceParameterSet sequence() {
    return first;
  }

  /** {@code avc1.PPCCLL} (RFC 6381 §3.3). */
  public String codecs() {
    byte[] sps = sequenceParameterSets.getFirst();
    return String.format("avc1.%02x%02x%02x", sps[1], sps[2], sps[3]);
  }

  /** The format of a track with this configuration, unrotated. */
  public TrackFormat.Video toFormat() {
    return new TrackFormat.Video(
        VideoCodec.H264,
        codecs(),
        toBytes(),
        first.width(),
        first.height(),
        first.usability().sampleAspectRatio(),
        first.usability().frameRate(),
        first.usability().colour(),
        0);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AvcConfiguration that && Arrays.equals(toBytes(), that.toBytes());
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
    return MediaFormatException.malformed("AVCDecoderConfigurationRecord: " + what);
  }
}
