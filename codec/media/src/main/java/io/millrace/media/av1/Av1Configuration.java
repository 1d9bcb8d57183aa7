package io.millrace.media.av1;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.bits.BitWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * AV1CodecConfigurationRecord, the content of the av1C box (AV1-ISOBMFF §2.3).
 *
 * <pre>
 *  1 marker 1 | 7 version 1
 *  3 seq_profile | 5 seq_level_idx_0
 *  1 seq_tier_0 | 1 high_bitdepth | 1 twelve_bit | 1 monochrome | 2 subsampling x, y | 2 sample position
 *  3 zeros | 1 initial_presentation_delay_present | 4 initial_presentation_delay_minus_one or zeros
 *  configOBUs: here always one sequence header OBU, with obu_has_size_field
 * </pre>
 *
 * The four bytes are always those that the sequence header says. Immutable.
 */
public final class Av1Configuration {
  private static final int MARKER_AND_VERSION = 0x81;
  private static final int FIXED_SIZE_BYTES = 4;
  private static final int MAXIMUM_SEQUENCE_HEADER_BYTES = 1_024;

  /** What a player assumes where the codecs parameter stops after the bit depth (§5). */
  private static final Colour CODECS_DEFAULT = new Colour(1, 1, 1, false);

  private final byte[] sequencePayload;
  private final SequenceHeader sequence;
  private final @Nullable Hdr hdr;

  private Av1Configuration(byte[] sequencePayload, @Nullable Hdr hdr) {
    if (sequencePayload.length > MAXIMUM_SEQUENCE_HEADER_BYTES) {
      throw malformed("sequence header of " + sequencePayload.length + " bytes");
    }
    this.sequencePayload = sequencePayload;
    this.sequence = SequenceHeader.parse(sequencePayload);
    this.hdr = hdr;
  }

  /**
   * Builds the record from OBUs among which a sequence header stands: an encoder's extradata or
   * stream header, or a temporal unit. The first one counts.
   *
   * @param obus borrowed; its indices stay
   * @throws MediaFormatException malformed, or without a sequence header
   */
  public static Av1Configuration of(ByteBuf obus) {
    Av1Configuration found = inBand(obus);
    if (found == null) {
      throw malformed("no sequence header OBU");
    }
    return found;
  }

  /** {@link #of(ByteBuf)} for an array. */
  public static Av1Configuration of(byte[] obus) {
    return of(Unpooled.wrappedBuffer(obus));
  }

  /**
   * The sequence header of a temporal unit, or null when it carries none.
   *
   * @param temporalUnit borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public static @Nullable Av1Configuration inBand(ByteBuf temporalUnit) {
    Obus obus = Obus.of(temporalUnit);
    while (obus.next()) {
      if (obus.type() == Obus.SEQUENCE_HEADER) {
        if (obus.payloadSizeBytes() > MAXIMUM_SEQUENCE_HEADER_BYTES) {
          throw malformed("sequence header of " + obus.payloadSizeBytes() + " bytes");
        }
        return new Av1Configuration(obus.copyPayload(), HdrMetadata.read(temporalUnit));
      }
    }
    return null;
  }

  /**
   * Reads a record. Of metadata OBUs in it only what they say is kept. One without a sequence
   * header is valid (§2.3.4) but says too little to start a track: there {@link #inBand} reads the
   * first key frame's.
   *
   * @throws MediaFormatException malformed; also where its four bytes contradict the sequence
   *     header; unsupported where it holds none
   */
  public static Av1Configuration parse(byte[] bytes) {
    if (bytes.length < FIXED_SIZE_BYTES) {
      throw malformed("ends early");
    }
    if ((bytes[0] & 0xFF) != MARKER_AND_VERSION) {
      throw malformed("marker and version " + (bytes[0] & 0xFF));
    }
    Av1Configuration config =
        inBand(Unpooled.wrappedBuffer(bytes, FIXED_SIZE_BYTES, bytes.length - FIXED_SIZE_BYTES));
    if (config == null) {
      throw MediaFormatException.unsupported("av1C without a sequence header");
    }
    byte[] fixed = config.fixedBytes();
    int beforePosition = 0xFC;
    if (bytes[1] != fixed[1] || ((bytes[2] ^ fixed[2]) & beforePosition) != 0) {
      throw malformed("contradicts its sequence header");
    }
    return config;
  }

  /** Writes the record; a new array. */
  public byte[] toBytes() {
    ByteBuf out = Unpooled.buffer(FIXED_SIZE_BYTES + 4 + sequencePayload.length);
    out.writeBytes(fixedBytes());
    writeSequenceHeader(out);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  /** The sequence header OBU with its size field; a new array. */
  public byte[] sequenceHeaderObu() {
    ByteBuf out = Unpooled.buffer(4 + sequencePayload.length);
    writeSequenceHeader(out);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  private void writeSequenceHeader(ByteBuf out) {
    out.writeByte(Obus.SEQUENCE_HEADER << 3 | 0x02);
    Obus.writeLeb128(out, sequencePayload.length);
    out.writeBytes(sequencePayload);
  }

  private byte[] fixedBytes() {
    BitWriter out = new BitWriter();
    out.bits(MARKER_AND_VERSION, 8).bits(sequence.profile(), 3).bits(sequence.level(), 5);
    out.flag(sequence.highTier()).flag(sequence.bitDepth() > 8).flag(sequence.bitDepth() == 12);
    out.flag(sequence.monochrome()).flag(sequence.subsamplingX()).flag(sequence.subsamplingY());
    out.bits(sequence.chromaSamplePosition(), 2).bits(0, 8);
    return out.toBytes();
  }

  public SequenceHeader sequence() {
    return sequence;
  }

  /**
   * {@code av01.P.LLT.DD}, with {@code .M.CCC.cp.tc.mc.F} behind it where any of those differs from
   * what its absence means: 4:2:0, BT.709, limited range (AV1-ISOBMFF §5). Colour that the stream
   * leaves unspecified counts as that default.
   */
  public String codecs() {
    SequenceHeader s = sequence;
    String base =
        String.format(
            "av01.%d.%02d%s.%02d", s.profile(), s.level(), s.highTier() ? "H" : "M", s.bitDepth());
    int chroma =
        100 * (s.subsamplingX() ? 1 : 0)
            + 10 * (s.subsamplingY() ? 1 : 0)
            + (s.subsamplingX() && s.subsamplingY() ? s.chromaSamplePosition() : 0);
    Colour c = s.colour();
    boolean defaults =
        !s.monochrome()
            && chroma == 110
            && (c.equals(CODECS_DEFAULT) || c.equals(Colour.UNSPECIFIED));
    if (defaults) {
      return base;
    }
    return base
        + String.format(
            ".%d.%03d.%02d.%02d.%02d.%d",
            s.monochrome() ? 1 : 0,
            chroma,
            c.primaries(),
            c.transfer(),
            c.matrix(),
            c.fullRange() ? 1 : 0);
  }

  /** The format of a track with this configuration: square pixels, unrotated. */
  public TrackFormat.Video toFormat() {
    return new TrackFormat.Video(
        VideoCodec.AV1,
        codecs(),
        toBytes(),
        sequence.maximumWidth(),
        sequence.maximumHeight(),
        Rational.ONE,
        sequence.frameRate(),
        sequence.colour().withHdr(hdr),
        0);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Av1Configuration that
        && Arrays.equals(sequencePayload, that.sequencePayload)
        && Objects.equals(hdr, that.hdr);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sequencePayload);
  }

  @Override
  public String toString() {
    return codecs() + " " + ByteBufUtil.hexDump(sequencePayload);
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("AV1CodecConfigurationRecord: " + what);
  }
}
