package io.millrace.packager;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A rendition that is expected of a stream.
 *
 * @param name unique within the presentation; also a path segment of its URLs (percent-encoded
 *     there)
 * @param order position in the ladder; lower comes first in playlists and manifests
 * @param declaredBitrateBps what the encoder was asked for, written into the init segment; 0 when
 *     nobody asked (passthrough)
 * @param label what a menu calls an audio track; null: its name
 * @param language of an audio track, a tag of RFC 5646 such as {@code de} or {@code pt-BR}; null
 *     when unknown
 */
public record RenditionSpec(
    String name,
    int order,
    long declaredBitrateBps,
    @Nullable String label,
    @Nullable String language) {
  private static final int MAX_NAME_CHARS = 128;
  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,7}");

  /** Without label and language. */
  public RenditionSpec(String name, int order, long declaredBitrateBps) {
    this(name, order, declaredBitrateBps, null, null);
  }

  /**
   * @throws IllegalArgumentException for a name that cannot be a path segment, a label that cannot
   *     be shown, or a language that is not a tag
   */
  public RenditionSpec {
    requireNonNull(name);
    if (!isShowable(name) || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("not a rendition name: '" + printable(name) + "'");
    }
    if (label != null && !isShowable(label)) {
      throw new IllegalArgumentException("not a rendition label: '" + printable(label) + "'");
    }
    if (language != null && !LANGUAGE.matcher(language).matches()) {
      throw new IllegalArgumentException("not a language tag: '" + printable(language) + "'");
    }
    if (declaredBitrateBps < 0) {
      throw new IllegalArgumentException("negative bit rate: " + declaredBitrateBps);
    }
  }

  /** This rendition with what is known of an audio track. */
  public RenditionSpec described(@Nullable String trackLabel, @Nullable String trackLanguage) {
    return new RenditionSpec(name, order, declaredBitrateBps, trackLabel, trackLanguage);
  }

  /** What a menu shows. */
  public String title() {
    return label == null ? name : label;
  }

  private static boolean isShowable(String text) {
    return !text.isBlank()
        && text.length() <= MAX_NAME_CHARS
        && text.codePoints().noneMatch(RenditionSpec::isUnprintable);
  }

  /** Controls, lone surrogates and noncharacters, none of which XML can hold. */
  private static boolean isUnprintable(int codePoint) {
    return Character.isISOControl(codePoint)
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)
        || (codePoint & 0xFFFE) == 0xFFFE;
  }

  private static String printable(String text) {
    String shown = text.substring(0, Math.min(text.length(), MAX_NAME_CHARS));
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
