package io.millrace.codec.svtav1;

import io.millrace.codec.Picture;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.TrackFormat;
import java.util.function.Supplier;

/**
 * An SVT-AV1 encoder, kept away from two faults of the library.
 *
 * <p>Encoders are opened and closed one at a time in the process: the library allocates a table of
 * processors when an encoder opens and frees it when any encoder closes (enc_handle.c, {@code
 * lp_group}), without a lock (1.4 to 3.1); two threads at once corrupt the heap.
 *
 * <p>Two key frames in a row come from two encoders: without look-ahead, random access waits for
 * ever at the second one (seen with 3.1.2).
 */
final class GuardedEncoder implements VideoEncoder {
  private static final Object LOCK = new Object();

  private final Supplier<VideoEncoder> opener;
  private VideoEncoder guarded;
  private boolean afterKey;

  private GuardedEncoder(Supplier<VideoEncoder> opener, VideoEncoder guarded) {
    this.opener = opener;
    this.guarded = guarded;
  }

  /**
   * Opens an encoder.
   *
   * @param opener opens one like the other each time
   */
  static VideoEncoder open(Supplier<VideoEncoder> opener) {
    synchronized (LOCK) {
      return new GuardedEncoder(opener, opener.get());
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
    if (forceKey && afterKey) {
      guarded.drain(output);
      synchronized (LOCK) {
        guarded.close();
        guarded = opener.get();
      }
    }
    afterKey = forceKey;
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
