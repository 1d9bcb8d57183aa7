package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * {@code mp4a} (ISO/IEC 14496-14 §6.7.2) or {@code Opus} (Opus in ISOBMFF §4.3.1): an audio sample
 * entry (ISO/IEC 14496-12 §12.2.3), version 0.
 *
 * @param sampleRate in Hz; rates that do not fit in 16 bits are written as 0 (the configuration
 *     record tells)
 * @param children {@code esds} or {@code dOps}, {@code btrt}
 */
public record AudioSampleEntry(String type, int channels, int sampleRate, List<Box> children)
    implements Box {
  private static final int FIXED_BYTES = 28;

  public AudioSampleEntry {
    children = List.copyOf(children);
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + FIXED_BYTES + Box.sizeBytes(children);
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    Fields.zeros(out, 6);
    out.putShort((short) 1); // data reference index
    Fields.zeros(out, 8);
    out.putShort((short) channels).putShort((short) 16); // sample size
    Fields.zeros(out, 4);
    out.putInt(sampleRate > 0xFFFF ? 0 : sampleRate << 16);
    children.forEach(child -> child.write(out));
  }

  static AudioSampleEntry read(String type, ByteBuffer in, BoxReader reader) {
    Fields.skip(in, 16);
    int channels = in.getShort() & 0xFFFF;
    Fields.skip(in, 6);
    return new AudioSampleEntry(type, channels, in.getInt() >>> 16, reader.boxes(in));
  }
}
