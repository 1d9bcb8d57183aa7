package io.millrace.packager.bmff;

import io.millrace.media.MediaFormatException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * {@code esds} (ISO/IEC 14496-14 §6.7.2) with an ES_Descriptor (ISO/IEC 14496-1 §7.2.6.5) for AAC
 * or MP3.
 *
 * <pre>
 *  03 len  ES_ID(2) flags(1)
 *    04 len  objectType(1) streamType(1) bufferSize(3) maxBitrate(4) avgBitrate(4)
 *      05 len  AudioSpecificConfig                     not for MP3
 *    06 01   02                                        predefined for MP4 files
 * </pre>
 *
 * @param objectType one of the constants (ISO/IEC 14496-1 §7.2.6.6.2)
 * @param maxBitrateBps 0 when unknown
 * @param averageBitrateBps 0 when variable or unknown
 * @param configuration AudioSpecificConfig; empty for MP3; shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record ElementaryStreamBox(
    int objectType, int maxBitrateBps, int averageBitrateBps, byte[] configuration) implements Box {
  /** ISO/IEC 14496-3: AAC. */
  public static final int MPEG4_AUDIO = 0x40;

  /** ISO/IEC 13818-3: MP3 at 16, 22.05 and 24 kHz. */
  public static final int MPEG2_AUDIO = 0x69;

  /** ISO/IEC 11172-3: MP3 at 32, 44.1 and 48 kHz. */
  public static final int MPEG1_AUDIO = 0x6B;

  private static final int ES_DESCRIPTOR = 3;
  private static final int DECODER_CONFIG = 4;
  private static final int DECODER_SPECIFIC_INFO = 5;
  private static final int SL_CONFIG = 6;

  /** streamType 5 (audio) in six bits, upStream 0, reserved 1. */
  private static final int AUDIO_STREAM = 5 << 2 | 1;

  @Override
  public String type() {
    return "esds";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + descriptorBytes(esBytes());
  }

  private int esBytes() {
    return 3 + descriptorBytes(configBytes()) + descriptorBytes(1);
  }

  private int configBytes() {
    return 13 + (configuration.length == 0 ? 0 : descriptorBytes(configuration.length));
  }

  private static int descriptorBytes(int length) {
    return 1 + (length < 0x80 ? 1 : length < 0x4000 ? 2 : 3) + length;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    descriptor(out, ES_DESCRIPTOR, esBytes());
    out.putShort((short) 0).put((byte) 0);
    descriptor(out, DECODER_CONFIG, configBytes());
    out.put((byte) objectType).put((byte) AUDIO_STREAM);
    Fields.zeros(out, 3);
    out.putInt(maxBitrateBps).putInt(averageBitrateBps);
    if (configuration.length > 0) {
      descriptor(out, DECODER_SPECIFIC_INFO, configuration.length);
      out.put(configuration);
    }
    descriptor(out, SL_CONFIG, 1);
    out.put((byte) 2);
  }

  /** Tag and expandable size (§8.3.3), in the fewest bytes. */
  private static void descriptor(ByteBuffer out, int tag, int length) {
    out.put((byte) tag);
    if (length >= 0x4000) {
      out.put((byte) (0x80 | length >> 14));
    }
    if (length >= 0x80) {
      out.put((byte) (0x80 | length >> 7));
    }
    out.put((byte) (length & 0x7F));
  }

  static ElementaryStreamBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    expect(in, ES_DESCRIPTOR);
    Fields.skip(in, 3);
    expect(in, DECODER_CONFIG);
    int objectType = in.get() & 0xFF;
    Fields.skip(in, 4);
    int max = in.getInt();
    int average = in.getInt();
    boolean configured = in.hasRemaining() && in.get(in.position()) == DECODER_SPECIFIC_INFO;
    int length = configured ? expect(in, DECODER_SPECIFIC_INFO) : 0;
    if (length > in.remaining()) {
      throw MediaFormatException.malformed("esds: descriptor longer than its box");
    }
    byte[] configuration = new byte[length];
    in.get(configuration);
    return new ElementaryStreamBox(objectType, max, average, configuration);
  }

  private static int expect(ByteBuffer in, int tag) {
    if (in.get() != tag) {
      throw MediaFormatException.malformed("esds: descriptor " + tag + " expected");
    }
    int length = 0;
    for (int i = 0; i < 4; i++) {
      int b = in.get();
      length = (length << 7) | (b & 0x7F);
      if (b >= 0) {
        return length;
      }
    }
    throw MediaFormatException.malformed("esds: descriptor size longer than 4 bytes");
  }

  @Override
  public String toString() {
    return "ElementaryStreamBox[objectType=0x"
        + Integer.toHexString(objectType)
        + ", maxBitrateBps="
        + maxBitrateBps
        + ", averageBitrateBps="
        + averageBitrateBps
        + ", configuration="
        + HexFormat.of().formatHex(configuration)
        + "]";
  }
}
