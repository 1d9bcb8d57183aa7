package io.millrace.server.record;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The next bytes of a stream, and no more; closing it closes the stream. */
final class LimitedStream extends FilterInputStream {
  private long leftBytes;

  LimitedStream(InputStream in, long lengthBytes) {
    super(in);
    this.leftBytes = lengthBytes;
  }

  @Override
  public int read() throws IOException {
    int read = leftBytes == 0 ? -1 : in.read();
    leftBytes -= read < 0 ? 0 : 1;
    return read;
  }

  @Override
  public int read(byte[] into, int at, int length) throws IOException {
    if (leftBytes == 0) {
      return -1;
    }
    int read = in.read(into, at, (int) Math.min(length, leftBytes));
    leftBytes -= Math.max(0, read);
    return read;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = in.skip(Math.min(count, leftBytes));
    leftBytes -= skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(in.available(), leftBytes);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
