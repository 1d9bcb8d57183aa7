package io.millrace.media;

import java.util.HashMap;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import org.jspecify.annotations.Nullable;

/** ISO 639-2 codes, as broadcast has them, to the tags of RFC 5646, as the web has them. */
public final class LanguageTag {
  /** The codes for bibliographies that differ from those for terminology (ISO 639-2 §4.1). */
  private static final Map<String, String> BIBLIOGRAPHIC =
      Map.ofEntries(
          Map.entry("alb", "sq"),
          Map.entry("arm", "hy"),
          Map.entry("baq", "eu"),
          Map.entry("bur", "my"),
          Map.entry("chi", "zh"),
          Map.entry("cze", "cs"),
          Map.entry("dut", "nl"),
          Map.entry("fre", "fr"),
          Map.entry("geo", "ka"),
          Map.entry("ger", "de"),
          Map.entry("gre", "el"),
          Map.entry("ice", "is"),
          Map.entry("mac", "mk"),
          Map.entry("mao", "mi"),
          Map.entry("may", "ms"),
          Map.entry("per", "fa"),
          Map.entry("rum", "ro"),
          Map.entry("slo", "sk"),
          Map.entry("tib", "bo"),
          Map.entry("wel", "cy"));

  private static final Map<String, String> TWO_LETTERS = twoLetters();

  /** What any registered tag fits into (RFC 5646 §4.4.1). */
  private static final int MAX_CHARS = 35;

  private LanguageTag() {}

  private static Map<String, String> twoLetters() {
    Map<String, String> tags = new HashMap<>(BIBLIOGRAPHIC);
    for (String tag : Locale.getISOLanguages()) {
      try {
        tags.putIfAbsent(Locale.of(tag).getISO3Language(), tag);
      } catch (MissingResourceException _) {
        // a language that has no code of three letters
      }
    }
    return Map.copyOf(tags);
  }

  /**
   * The shortest tag (RFC 5646 §2.2.1): {@code de} for {@code ger} and {@code deu}; a code without
   * a short form is a tag as it is.
   *
   * @param code three lower-case letters; null when not known
   */
  public static @Nullable String ofIso639(@Nullable String code) {
    return code == null ? null : TWO_LETTERS.getOrDefault(code, code);
  }

  /**
   * The tag for what people and encoders write: {@code en} for {@code EN}, {@code eng} and {@code
   * pt-BR} for {@code pt_br}; null for what is no tag.
   */
  public static @Nullable String parse(String said) {
    if (said.isEmpty() || said.length() > MAX_CHARS) {
      return null;
    }
    try {
      Locale locale = new Locale.Builder().setLanguageTag(said.replace('_', '-')).build();
      String tag = locale.toLanguageTag();
      return tag.length() == 3 ? ofIso639(tag) : tag;
    } catch (IllformedLocaleException _) {
      return null;
    }
  }

  /** The code of three letters for a tag; null where there is none, or no tag. */
  public static @Nullable String toIso639(@Nullable String tag) {
    if (tag == null) {
      return null;
    }
    try {
      String code = Locale.forLanguageTag(tag).getISO3Language();
      return code.length() == 3 ? code : null;
    } catch (MissingResourceException _) {
      return null;
    }
  }

  /** What speakers call a language, for a menu: {@code Deutsch}; null where Java does not know. */
  public static @Nullable String nameOf(@Nullable String tag) {
    if (tag == null) {
      return null;
    }
    Locale locale = Locale.forLanguageTag(tag);
    String name = locale.getDisplayLanguage(locale);
    if (name.isBlank() || name.equals(locale.getLanguage())) {
      return null;
    }
    int first = name.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + name.substring(Character.charCount(first));
  }
}
