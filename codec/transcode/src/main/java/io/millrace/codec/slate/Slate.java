package io.millrace.codec.slate;

import io.millrace.codec.CodecException;
import io.millrace.codec.ffmpeg.FfmpegImages;

/** What is shown in place of a lost picture. Immutable. */
public sealed interface Slate {
  /** The largest image file that {@link #read} takes, in bytes. */
  int MAX_FILE_BYTES = 16 << 20;

  /**
   * A dark background with a line of text in the middle. Latin letters, digits and common
   * punctuation are drawn, in capitals and without accents; other characters are left blank.
   */
  record Text(String text) implements Slate {
    public static final Text DEFAULT = new Text("The stream will be back soon");
  }

  /**
   * An operator's picture, 8-bit sRGB, letterboxed on black.
   *
   * @param argb rows of pixels from the top left, {@code width × height}; not to be modified
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by content
  record Image(int width, int height, int[] argb) implements Slate {}

  /**
   * Decodes an image file. Blocks for tens of milliseconds.
   *
   * @param file a whole PNG, JPEG or WebP file of at most {@link #MAX_FILE_BYTES} and 8192 pixels a
   *     side; one with a side above 3840 is scaled down to that
   * @throws CodecException when it is none of these, too large or damaged
   */
  static Image read(byte[] file) {
    if (file.length > MAX_FILE_BYTES) {
      throw new CodecException("image file of " + file.length + " bytes");
    }
    FfmpegImages.Pixels pixels = FfmpegImages.decode(file);
    return new Image(pixels.width(), pixels.height(), pixels.argb());
  }
}
