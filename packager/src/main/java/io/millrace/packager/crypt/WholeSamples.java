package io.millrace.packager.crypt;

import io.netty.buffer.ByteBuf;

/** Audio: everything is encrypted (ISO/IEC 23001-7 §9.4, §9.7; ISO/IEC 23000-19 §8.2.2). */
final class WholeSamples implements SampleMap {
  @Override
  public boolean hasRanges() {
    return false;
  }

  @Override
  public void map(ByteBuf sample, Ranges ranges) {}
}
