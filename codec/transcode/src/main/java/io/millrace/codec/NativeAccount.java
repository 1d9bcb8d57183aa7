package io.millrace.codec;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one transcoder holds in native memory: bytes of pictures, and open native objects. Both are
 * zero again after everything has been closed. Thread-safe.
 */
public final class NativeAccount {
  private final AtomicLong pictureBytes = new AtomicLong();
  private final AtomicLong handles = new AtomicLong();

  /** Adds bytes of picture memory; negative when they are freed. */
  public void addPictureBytes(long bytes) {
    pictureBytes.addAndGet(bytes);
  }

  public void handleOpened() {
    handles.incrementAndGet();
  }

  public void handleClosed() {
    handles.decrementAndGet();
  }

  /** Native bytes in pictures that are in use or pooled. */
  public long pictureBytes() {
    return pictureBytes.get();
  }

  /** Open encoders, decoders, scalers and resamplers. */
  public long handles() {
    return handles.get();
  }
}
