package io.millrace.packager.crypt;

import io.millrace.media.vp9.Frames;
import io.netty.buffer.ByteBuf;

/**
 * VP9: uncompressed headers and a superframe's index are clear, the rest of each frame is encrypted
 * (VP Codec ISO Media File Format Binding, "Common Encryption").
 */
final class Vp9Map implements SampleMap {
  private final Frames frames = new Frames();

  @Override
  public Ranges.Alignment cbcsAlignment() {
    return Ranges.Alignment.HEAD_CLEAR;
  }

  @Override
  public void map(ByteBuf sample, Ranges ranges) {
    int[] reached = {sample.readerIndex()};
    frames.visit(
        sample,
        (offset, headerBytes, sizeBytes) -> {
          ranges.clear(offset - reached[0] + headerBytes);
          ranges.protect(sizeBytes - headerBytes);
          reached[0] = offset + sizeBytes;
        });
    ranges.clear(sample.writerIndex() - reached[0]);
  }
}
