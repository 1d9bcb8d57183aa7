package io.millrace.natives.svtav1;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An opened {@code libSvtAv1Enc}. Thread-safe; encoders keep it open.
 *
 * <p>SVT-AV1 logs to stderr unless told otherwise: set {@code SVT_LOG} through {@link
 * io.millrace.natives.ProcessEnvironment} before the first encoder.
 */
public final class SvtAv1Library implements AutoCloseable {
  private final String name;
  private final SvtAv1Version version;
  private long handle;

  private SvtAv1Library(String name, long handle) {
    this.name = name;
    this.handle = handle;
    int packed = SvtAv1Native.libraryVersion(handle);
    this.version = new SvtAv1Version(packed >> 16, packed >> 8 & 0xFF, packed & 0xFF);
  }

  /**
   * Opens a library.
   *
   * @param name a path, or a file name that the system's loader looks for, such as {@code
   *     libSvtAv1Enc.so.2}
   * @throws IllegalStateException saying why it cannot be used
   */
  public static SvtAv1Library open(String name) {
    return new SvtAv1Library(name, SvtAv1Native.openLibrary(name));
  }

  /** Opens a library, or says nothing when it is not there or of a version that is not known. */
  public static Optional<SvtAv1Library> probe(String name) {
    try {
      return Optional.of(open(name));
    } catch (IllegalStateException e) {
      return Optional.empty();
    }
  }

  /** As {@link #probe(String)}. */
  public static Optional<SvtAv1Library> probe(Path path) {
    return probe(path.toAbsolutePath().toString());
  }

  /** The name or path it was opened by. */
  public String name() {
    return name;
  }

  public SvtAv1Version version() {
    return version;
  }

  /**
   * Creates an encoder with the library's defaults for 8-bit 4:2:0 pictures.
   *
   * @param width even, 64 to 16384 pixels
   * @param height even, 64 to 8704 pixels
   * @return owned by the caller, who closes it
   * @throws IllegalArgumentException for another size
   * @throws IllegalStateException when the library has no memory or is closed
   */
  public synchronized SvtAv1Encoder createEncoder(int width, int height) {
    return new SvtAv1Encoder(SvtAv1Native.createEncoder(handle, width, height));
  }

  /**
   * Unloads the library; idempotent.
   *
   * @throws IllegalStateException while an encoder of it is open
   */
  @Override
  public synchronized void close() {
    if (handle != 0) {
      SvtAv1Native.closeLibrary(handle);
      handle = 0;
    }
  }

  @Override
  public String toString() {
    return "SVT-AV1 " + version + " (" + name + ")";
  }
}
