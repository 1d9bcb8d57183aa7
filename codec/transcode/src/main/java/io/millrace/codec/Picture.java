package io.millrace.codec;

import io.millrace.media.Colour;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A raw 8-bit 4:2:0 picture in native memory, three planes (Y, Cb, Cr; chroma sizes rounded up).
 * Never leaves {@code io.millrace.codec}.
 *
 * <p>Starts with one reference. When the last one is released the memory goes back to where it came
 * from, on the releasing thread; touching it after that is a use after free, so every method but
 * {@link #release} asserts a live count. Written by its maker only while it holds the only
 * reference, read-only for everybody afterwards.
 */
public final class Picture {
  /** Takes the memory back; called once, on the thread that let go last. */
  @FunctionalInterface
  public interface Home {
    void takeBack();
  }

  private final AtomicInteger references = new AtomicInteger(1);
  private final int width;
  private final int height;
  private final long[] planeAddresses;
  private final int[] strides;
  private final Colour colour;
  private final Object frame;
  private final Home home;

  /**
   * @param planeAddresses native addresses of Y, Cb and Cr
   * @param strides bytes from row to row, each at least the plane's width
   * @param frame the owning library's own handle, for engines that can use it as it is
   */
  public Picture(
      int width,
      int height,
      long[] planeAddresses,
      int[] strides,
      Colour colour,
      Object frame,
      Home home) {
    this.width = width;
    this.height = height;
    this.planeAddresses = planeAddresses.clone();
    this.strides = strides.clone();
    this.colour = colour;
    this.frame = frame;
    this.home = home;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** Width of plane 0, 1 or 2 in pixels, which are bytes. */
  public int planeWidth(int plane) {
    return plane == 0 ? width : (width + 1) / 2;
  }

  /** Rows in plane 0, 1 or 2. */
  public int planeHeight(int plane) {
    return plane == 0 ? height : (height + 1) / 2;
  }

  /** Native address of the plane's first row; valid while a reference is held. */
  public long planeAddress(int plane) {
    assert references.get() > 0 : "released";
    return planeAddresses[plane];
  }

  /** Bytes from one row of the plane to the next. */
  public int stride(int plane) {
    return strides[plane];
  }

  /** The plane as a bounded segment of {@code stride × rows} bytes; borrowed. */
  public MemorySegment plane(int plane) {
    assert references.get() > 0 : "released";
    return MemorySegment.ofAddress(planeAddresses[plane])
        .reinterpret((long) strides[plane] * planeHeight(plane));
  }

  public Colour colour() {
    return colour;
  }

  /** The handle of the library that owns the memory (an {@code AVFrame}); borrowed. */
  public Object frame() {
    assert references.get() > 0 : "released";
    return frame;
  }

  /** Adds a reference and returns this. */
  public Picture retain() {
    int before = references.getAndIncrement();
    if (before <= 0) {
      references.getAndDecrement();
      throw new IllegalStateException("retain of a released picture");
    }
    return this;
  }

  /** Drops a reference. */
  public void release() {
    int left = references.decrementAndGet();
    if (left == 0) {
      home.takeBack();
    } else if (left < 0) {
      references.getAndIncrement();
      throw new IllegalStateException("picture released once too often");
    }
  }
}
