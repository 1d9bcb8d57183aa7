package io.millrace.media.opus;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;

/**
 * How much sound an Opus packet holds (RFC 6716 §3.1).
 *
 * <pre>
 * TOC  5 config | 1 stereo | 2 code: 0 one frame, 1 and 2 two, 3: 1 VBR | 1 padding | 6 count
 * </pre>
 */
public final class OpusPackets {
  private static final int MAXIMUM_SAMPLES = 5_760;

  private OpusPackets() {}

  /**
   * Samples at 48 kHz, 120–5760.
   *
   * @param packet borrowed; its indices stay
   * @throws MediaFormatException malformed: empty, no frames, or over 120 ms
   */
  public static int samples(ByteBuf packet) {
    if (!packet.isReadable()) {
      throw MediaFormatException.malformed("Opus packet: empty");
    }
    int toc = packet.getUnsignedByte(packet.readerIndex());
    int frames =
        switch (toc & 3) {
          case 0 -> 1;
          case 1, 2 -> 2;
          default -> {
            if (packet.readableBytes() < 2) {
              throw MediaFormatException.malformed("Opus packet: ends early");
            }
            yield packet.getByte(packet.readerIndex() + 1) & 0x3F;
          }
        };
    int samples = frames * frameSamples(toc >> 3);
    if (samples == 0 || samples > MAXIMUM_SAMPLES) {
      throw MediaFormatException.malformed("Opus packet: " + samples + " samples");
    }
    return samples;
  }

  /** Table 2: SILK 10, 20, 40, 60 ms; hybrid 10, 20 ms; CELT 2.5, 5, 10, 20 ms. */
  private static int frameSamples(int config) {
    if (config < 12) {
      return (config & 3) == 3 ? 2_880 : 480 << (config & 3);
    }
    return config < 16 ? 480 << (config & 1) : 120 << (config & 3);
  }
}
