package io.millrace.media.aac;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads LOAS, as MPEG-TS carries AAC under stream type 0x11: AudioSyncStream with LATM inside
 * (ISO/IEC 14496-3 §1.7.2, §1.7.3).
 *
 * <pre>
 * AudioSyncStream  11 syncword 0x2B7 | 13 audioMuxLengthBytes | AudioMuxElement
 * AudioMuxElement  1 useSameStreamMux, 0: StreamMuxConfig
 *                  (numSubFrames + 1) × { length in bytes, a run of 255 and a last byte | raw data block }
 *                  [other data]
 * StreamMuxConfig  1 audioMuxVersion | 1: 1 audioMuxVersionA, value taraBufferFullness
 *                  1 allStreamsSameTimeFraming | 6 numSubFrames | 4 numProgram | 3 numLayer
 *                  AudioSpecificConfig, version 1: behind its length in bits
 *                  3 frameLengthType 0 | 8 latmBufferFullness
 *                  1 otherDataPresent, its length in bits | 1 crcCheckPresent, 8 CRC
 * </pre>
 *
 * One program with one layer in variable-length frames, which is what encoders send; all else is
 * refused by name. The configuration comes with some frames only and is kept between them: one
 * reader a stream, not thread-safe.
 */
public final class LatmReader {
  /** Bytes that {@link #frameSizeBytes} needs. */
  public static final int HEADER_SIZE_BYTES = 3;

  private static final int SYNC = 0x2B7;
  private static final String STRUCTURE = "LATM frame";

  /** Takes the raw data blocks. */
  @FunctionalInterface
  public interface BlockSink {
    /**
     * @param configuration of this block; the same instance until it changes
     * @param block one raw data block; the callee owns it
     */
    void accept(AudioSpecificConfig configuration, ByteBuf block);
  }

  private @Nullable AudioSpecificConfig configuration;
  private int subFrames;
  private long otherDataBits;

  /**
   * Size of the frame that starts at an absolute index, its header included; borrows the buffer and
   * moves nothing.
   *
   * @throws MediaFormatException where fewer than {@link #HEADER_SIZE_BYTES} are or no syncword is
   */
  public static int frameSizeBytes(ByteBuf in, int index) {
    if (index < 0 || in.writerIndex() - index < HEADER_SIZE_BYTES) {
      throw MediaFormatException.malformed(STRUCTURE + ": ends early");
    }
    int header = in.getUnsignedMedium(index);
    if (header >> 13 != SYNC) {
      throw MediaFormatException.malformed(STRUCTURE + ": no syncword");
    }
    return HEADER_SIZE_BYTES + (header & 0x1FFF);
  }

  /**
   * Reads one whole frame and gives its blocks to {@code sink}; none before the first configuration
   * has come.
   *
   * @param in borrowed; nothing moves
   * @param index absolute, of the syncword
   * @throws MediaFormatException malformed, or unsupported with the feature named
   */
  public void read(ByteBuf in, int index, BlockSink sink) {
    int sizeBytes = frameSizeBytes(in, index);
    if (sizeBytes > in.writerIndex() - index) {
      throw MediaFormatException.malformed(
          STRUCTURE
              + " of "
              + sizeBytes
              + " bytes where "
              + (in.writerIndex() - index)
              + " are left");
    }
    byte[] element = new byte[sizeBytes - HEADER_SIZE_BYTES];
    in.getBytes(index + HEADER_SIZE_BYTES, element);
    read(new BitReader(STRUCTURE, element), sink);
  }

  private void read(BitReader in, BlockSink sink) {
    if (!in.flag()) { // useSameStreamMux
      streamMuxConfig(in);
    }
    if (configuration == null) {
      return;
    }
    for (int i = 0; i <= subFrames; i++) {
      int sizeBytes = payloadLength(in);
      if (8L * sizeBytes > in.bitsLeft()) {
        throw in.malformed("block of " + sizeBytes + " bytes where " + in.bitsLeft() / 8 + " are");
      }
      byte[] block = new byte[sizeBytes];
      for (int at = 0; at < sizeBytes; at++) {
        block[at] = (byte) in.bits(8);
      }
      if (sizeBytes > 0) {
        sink.accept(configuration, Unpooled.wrappedBuffer(block));
      }
    }
    in.skip(otherDataBits);
  }

  private void streamMuxConfig(BitReader in) {
    boolean version1 = in.flag();
    if (version1) {
      if (in.flag()) {
        throw MediaFormatException.unsupported("LATM audioMuxVersionA 1");
      }
      value(in); // taraBufferFullness
    }
    boolean sameTimeFraming = in.flag();
    int frames = in.bits(6);
    int programs = 1 + in.bits(4);
    int layers = 1 + in.bits(3);
    if (!sameTimeFraming || programs > 1 || layers > 1) {
      throw MediaFormatException.unsupported(
          "LATM with " + programs + " programs, " + layers + " layers");
    }
    AudioSpecificConfig read = version1 ? delimitedConfig(in) : AudioSpecificConfig.read(in, false);
    int lengthType = in.bits(3);
    if (lengthType != 0) {
      throw MediaFormatException.unsupported("LATM frameLengthType " + lengthType);
    }
    in.skip(8); // latmBufferFullness
    long otherBits = in.flag() ? (version1 ? value(in) : escapedLength(in)) : 0;
    if (in.flag()) {
      in.skip(8); // crcCheckSum
    }
    if (!read.equals(configuration)) {
      configuration = read;
    }
    subFrames = frames;
    otherDataBits = otherBits;
  }

  /** AudioSpecificConfig with its length in bits before it; what follows inside it is fill. */
  private static AudioSpecificConfig delimitedConfig(BitReader in) {
    long bits = value(in);
    if (bits > in.bitsLeft() || bits > 8L * 64) {
      throw in.malformed("AudioSpecificConfig of " + bits + " bits");
    }
    byte[] bytes = new byte[(int) (bits + 7) / 8];
    for (int i = 0; i < bytes.length; i++) {
      int take = (int) Math.min(8, bits - 8L * i);
      bytes[i] = (byte) (in.bits(take) << (8 - take));
    }
    return AudioSpecificConfig.parse(bytes);
  }

  /** LatmGetValue(), §1.7.3.1: up to four bytes behind their count. */
  private static long value(BitReader in) {
    int bytes = 1 + in.bits(2);
    return in.longBits(8 * bytes);
  }

  /** otherDataLenBits of version 0: bytes each behind a bit that says whether one more follows. */
  private static long escapedLength(BitReader in) {
    long value = 0;
    boolean more;
    do {
      more = in.flag();
      value = value << 8 | in.bits(8);
      if (value > 0xFFFF) {
        throw in.malformed("other data of " + value + " bits");
      }
    } while (more);
    return value;
  }

  /** PayloadLengthInfo() for frameLengthType 0. */
  private static int payloadLength(BitReader in) {
    int length = 0;
    int last;
    do {
      last = in.bits(8);
      length += last;
    } while (last == 0xFF);
    return length;
  }
}
