package io.millrace.codec.svtav1;

import io.millrace.codec.Picture;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.TrackFormat;
import java.util.function.Supplier;

/**
 * Opens and closes SVT-AV1 encoders one at a time in the process. The library allocates a table of
 * processors when an encoder opens and frees it when any encoder closes (enc_handle.c, {@code
 * lp_group}), without a lock (1.4 to 3.1): two threads at once corrupt the heap.
 */
final class GuardedEncoder implements VideoEncoder {
  private static final Object LOCK = new Object();

  private final VideoEncoder guarded;

  private GuardedEncoder(VideoEncoder guarded) {
    this.guarded = guarded;
  }

  static VideoEncoder open(Supplier<VideoEncoder> open) {
    synchronized (LOCK) {
      return new GuardedEncoder(open.get());
    }
  }

  @Override
  public TrackFormat.Video format() {
    return guarded.format();
  }

  @Override
  public boolean followsKeyInterval() {
    return guarded.followsKeyInterval();
  }

  @Override
  public String engine() {
    return guarded.engine();
  }

  @Override
  public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
    guarded.encode(picture, ptsTicks, forceKey, output);
  }

  @Override
  public void drain(Output output) {
    guarded.drain(output);
  }

  @Override
  public void close() {
    synchronized (LOCK) {
      guarded.close();
    }
  }
}
