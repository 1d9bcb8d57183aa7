package io.millrace.media.aac;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.bits.BitWriter;
import io.netty.buffer.ByteBuf;

/**
 * The header of one ADTS frame (ISO/IEC 14496-3 §1.A.2.2).
 *
 * <pre>
 * 12 syncword 0xFFF | 1 ID | 2 layer 0 | 1 protection_absent
 *  2 profile        | 4 sampling_frequency_index | 1 private | 3 channel_configuration | 4 flags
 * 13 frame length   | 11 buffer fullness | 2 raw data blocks − 1   [16 CRC]
 * </pre>
 *
 * @param mpeg2 the ID bit: MPEG-2 AAC (ISO/IEC 13818-7); the payload is the same
 * @param crc true when two bytes of CRC follow the seven of the header
 * @param sampleRate in Hz, one of the table's
 * @param channelConfiguration 1–7
 * @param frameSizeBytes header and payload
 */
public record AdtsHeader(
    boolean mpeg2, boolean crc, int sampleRate, int channelConfiguration, int frameSizeBytes) {
  /** Bytes that {@link #parse} needs. */
  public static final int MINIMUM_SIZE_BYTES = 7;

  private static final int MAXIMUM_FRAME_SIZE_BYTES = (1 << 13) - 1;

  /** Of a raw data block that {@link #of} takes. */
  public static final int MAXIMUM_PAYLOAD_BYTES = MAXIMUM_FRAME_SIZE_BYTES - MINIMUM_SIZE_BYTES;

  public AdtsHeader {
    if (SamplingFrequency.indexOf(sampleRate) == SamplingFrequency.ESCAPE_INDEX) {
      throw new IllegalArgumentException("ADTS has no code for " + sampleRate + " Hz");
    }
    if (channelConfiguration < 1 || channelConfiguration > 7) {
      throw new IllegalArgumentException("channel configuration " + channelConfiguration);
    }
    if (frameSizeBytes < headerSizeBytes(crc) || frameSizeBytes > MAXIMUM_FRAME_SIZE_BYTES) {
      throw new IllegalArgumentException("ADTS frame of " + frameSizeBytes + " bytes");
    }
  }

  /** A header without CRC before {@code payloadSizeBytes} of one raw data block. */
  public static AdtsHeader of(AudioSpecificConfig config, int payloadSizeBytes) {
    return new AdtsHeader(
        false,
        false,
        config.sampleRate(),
        config.channelConfiguration(),
        MINIMUM_SIZE_BYTES + payloadSizeBytes);
  }

  /**
   * Reads the header at an absolute index; borrows the buffer and moves nothing.
   *
   * @throws MediaFormatException malformed; unsupported for other profiles than LC, for a
   *     program_config_element and for several raw data blocks in one frame
   */
  public static AdtsHeader parse(ByteBuf in, int index) {
    if (index < 0 || in.writerIndex() - index < MINIMUM_SIZE_BYTES) {
      throw MediaFormatException.malformed("ADTS header: ends early");
    }
    byte[] bytes = new byte[MINIMUM_SIZE_BYTES];
    in.getBytes(index, bytes);
    BitReader bits = new BitReader("ADTS header", bytes);
    if (bits.bits(12) != 0xFFF) {
      throw bits.malformed("no syncword");
    }
    boolean mpeg2 = bits.flag();
    if (bits.bits(2) != 0) {
      throw bits.malformed("layer is not 0");
    }
    boolean crc = !bits.flag();
    int profile = bits.bits(2);
    int sampleRate = SamplingFrequency.hertz(bits.bits(4));
    bits.skip(1);
    int channels = bits.bits(3);
    bits.skip(4);
    int frameSizeBytes = bits.bits(13);
    bits.skip(11);
    int blocks = 1 + bits.bits(2);
    if (sampleRate == 0) {
      throw bits.malformed("reserved sampling_frequency_index");
    }
    if (frameSizeBytes < headerSizeBytes(crc)) {
      throw bits.malformed("frame of " + frameSizeBytes + " bytes is shorter than its header");
    }
    if (profile != 1) {
      throw MediaFormatException.unsupported("ADTS profile " + profile + ", only AAC-LC is taken");
    }
    if (channels == 0) {
      throw MediaFormatException.unsupported(
          "AAC channel layout given by a program_config_element (channel_configuration 0)");
    }
    if (blocks != 1) {
      throw MediaFormatException.unsupported(blocks + " raw data blocks in one ADTS frame");
    }
    return new AdtsHeader(mpeg2, crc, sampleRate, channels, frameSizeBytes);
  }

  /**
   * Appends the seven bytes of the header.
   *
   * @throws IllegalStateException for a header with CRC, which only a reader meets
   */
  public void write(ByteBuf out) {
    if (crc) {
      throw new IllegalStateException("ADTS frames are written without CRC");
    }
    BitWriter bits = new BitWriter();
    bits.bits(0xFFF, 12).flag(mpeg2).bits(0, 2).flag(true);
    bits.bits(1, 2).bits(SamplingFrequency.indexOf(sampleRate), 4).bits(0, 1);
    bits.bits(channelConfiguration, 3).bits(0, 4).bits(frameSizeBytes, 13);
    bits.bits(0x7FF, 11).bits(0, 2);
    out.writeBytes(bits.toBytes());
  }

  /** Bytes before the raw data block: 7, or 9 with CRC. */
  public int headerSizeBytes() {
    return headerSizeBytes(crc);
  }

  /** Bytes of the raw data block. */
  public int payloadSizeBytes() {
    return frameSizeBytes - headerSizeBytes();
  }

  /** The configuration that every frame with this header shares. */
  public AudioSpecificConfig toConfiguration() {
    return AudioSpecificConfig.lc(sampleRate, channelConfiguration);
  }

  private static int headerSizeBytes(boolean crc) {
    return crc ? 9 : MINIMUM_SIZE_BYTES;
  }
}
