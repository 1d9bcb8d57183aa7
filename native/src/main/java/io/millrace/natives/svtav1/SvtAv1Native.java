package io.millrace.natives.svtav1;

import io.millrace.natives.NativeShims;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of {@code svtav1.c}, one library call each. Every entry throws {@link
 * IllegalArgumentException} for a handle that is not what it should be. {@code int} results are
 * SVT-AV1 error codes unless said otherwise.
 */
final class SvtAv1Native {
  /** {@code EB_ErrorNone}. */
  static final int OK = 0;

  /** {@code EB_NoErrorEmptyQueue}: no packet yet. */
  static final int EMPTY_QUEUE = 0x80002033;

  static final int PICTURE_INTER = 0;
  static final int PICTURE_KEY = 3;
  static final int FLAG_EOS = 1;
  static final int MIN_MAJOR = 1;
  static final int MIN_MINOR = 4;
  static final int MAX_MAJOR = 4;
  static final int PICTURE_UNSET = 0xFF;

  /** In the order of {@link #constants}. */
  static final int[] CONSTANTS = {
    OK,
    EMPTY_QUEUE,
    PICTURE_INTER,
    PICTURE_KEY,
    FLAG_EOS,
    MIN_MAJOR,
    MIN_MINOR,
    MAX_MAJOR,
    PICTURE_UNSET
  };

  static {
    NativeShims.load();
  }

  private SvtAv1Native() {}

  /** Returns a library handle; throws IllegalStateException with the loader's reason. */
  static native long openLibrary(String path);

  /** Returns {@code major << 16 | minor << 8 | patch}. */
  static native int libraryVersion(long library);

  static native void closeLibrary(long library);

  /** Returns an encoder handle. */
  static native long createEncoder(long library, int width, int height);

  static native int setParameter(long encoder, String name, String value);

  static native int startEncoder(long encoder);

  static native byte[] sequenceHeader(long encoder);

  static native int sendPicture(
      long encoder,
      long y,
      long cb,
      long cr,
      int yStride,
      int cbStride,
      int crStride,
      long pts,
      boolean key,
      int bitRate);

  static native int sendEnd(long encoder);

  /** {@code facts}: pts, dts, picture type, flags, bytes. */
  static native int receivePacket(long encoder, long[] facts, boolean allSent);

  /** Copies the received packet; {@code target} may be null when it has no bytes. */
  static native void takePacket(long encoder, @Nullable ByteBuffer target, int offset);

  static native void closeEncoder(long encoder);

  static native int[] constants();
}
