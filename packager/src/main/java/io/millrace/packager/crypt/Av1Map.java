package io.millrace.packager.crypt;

import io.millrace.media.av1.Tiles;
import io.netty.buffer.ByteBuf;

/** AV1: the coded data of tiles is encrypted, everything else is clear (AV1-ISOBMFF §4.3). */
final class Av1Map implements SampleMap {
  private final Tiles tiles;

  Av1Map(Tiles tiles) {
    this.tiles = tiles;
  }

  @Override
  public Ranges.Alignment cbcsAlignment() {
    return Ranges.Alignment.TAIL_CLEAR;
  }

  @Override
  public void map(ByteBuf sample, Ranges ranges) {
    int[] reached = {sample.readerIndex()};
    tiles.visit(
        sample,
        (offset, sizeBytes) -> {
          ranges.clear(offset - reached[0]);
          ranges.protect(sizeBytes);
          reached[0] = offset + sizeBytes;
        });
    ranges.clear(sample.writerIndex() - reached[0]);
  }
}
