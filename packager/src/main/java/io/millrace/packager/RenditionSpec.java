package io.millrace.packager;

import static java.util.Objects.requireNonNull;

/**
 * A rendition that is expected of a stream.
 *
 * @param name unique within the presentation; also a path segment of its URLs (percent-encoded
 *     there)
 * @param order position in the ladder; lower comes first in playlists and manifests
 * @param declaredBitrateBps what the encoder was asked for, written into the init segment; 0 when
 *     nobody asked (passthrough)
 */
public record RenditionSpec(String name, int order, long declaredBitrateBps) {
  private static final int MAX_NAME_CHARS = 128;

  /**
   * @throws IllegalArgumentException for a name that cannot be a path segment
   */
  public RenditionSpec {
    requireNonNull(name);
    if (name.isBlank() || name.length() > MAX_NAME_CHARS || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("not a rendition name: '" + name + "'");
    }
    if (name.codePoints().anyMatch(c -> Character.isISOControl(c) || isLoneSurrogate(c))) {
      throw new IllegalArgumentException("control character in rendition name");
    }
    if (declaredBitrateBps < 0) {
      throw new IllegalArgumentException("negative bit rate: " + declaredBitrateBps);
    }
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
