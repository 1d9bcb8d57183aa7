package io.millrace.packager;

import io.millrace.packager.Presentation.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Media that a playlist or manifest has announced and that is still being made: a segment that
 * grows part by part, or the part that a preload hint names.
 *
 * <p>Written on the owner's thread; read from any. The bytes are plain heap memory, shared and
 * read-only.
 */
public final class OpenMedia {
  /**
   * What is there so far. Immutable.
   *
   * @param chunks the bytes in order; more may follow behind them
   * @param complete {@code chunks} are all of it
   * @param abandoned it will never be complete: the segment was given up, or ended before the part
   */
  public record Growth(List<byte[]> chunks, boolean complete, boolean abandoned) {
    private static final Growth NOTHING = new Growth(List.of(), false, false);

    public Growth {
      chunks = List.copyOf(chunks);
    }

    /** True when nothing will be added. */
    public boolean isOver() {
      return complete || abandoned;
    }
  }

  private final String contentType;
  private final CopyOnWriteArrayList<Runnable> wakes = new CopyOnWriteArrayList<>();
  private volatile Growth growth = Growth.NOTHING;

  OpenMedia(String contentType) {
    this.contentType = contentType;
  }

  /** Media type for {@code Content-Type}. */
  public String contentType() {
    return contentType;
  }

  public Growth growth() {
    return growth;
  }

  /**
   * Calls {@code wake} on the owner's thread after each change; it must not block or throw.
   * Register first, then read {@link #growth}: a change may have come between. Any thread.
   *
   * @return closing it ends the calls
   */
  public Registration onGrowth(Runnable wake) {
    Registering registering = new Registering(wake);
    wakes.add(registering);
    return () -> wakes.remove(registering);
  }

  /** Tells two registrations of one and the same runnable apart. */
  private static final class Registering implements Runnable {
    private final Runnable wake;

    Registering(Runnable wake) {
      this.wake = wake;
    }

    @Override
    public void run() {
      wake.run();
    }
  }

  void grow(byte[] chunk) {
    List<byte[]> chunks = new ArrayList<>(growth.chunks);
    chunks.add(chunk);
    change(new Growth(chunks, false, false));
  }

  /** All of it comes at once. */
  void complete(byte[] only) {
    change(new Growth(List.of(only), true, false));
  }

  void complete() {
    change(new Growth(growth.chunks, true, false));
  }

  void abandon() {
    change(new Growth(growth.chunks, false, true));
  }

  private void change(Growth next) {
    if (growth.isOver()) {
      return;
    }
    growth = next;
    wakes.forEach(Runnable::run);
    if (next.isOver()) {
      wakes.clear();
    }
  }
}
