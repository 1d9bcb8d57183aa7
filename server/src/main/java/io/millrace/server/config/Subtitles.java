package io.millrace.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text tracks of a stream.
 *
 * @param languages those that it has from its start, tags of RFC 5646
 * @param cea608 the language of CC1, where its captions are a text track, too; else null
 */
public record Subtitles(List<String> languages, @Nullable String cea608) {
  public static final Subtitles NONE = new Subtitles(List.of(), null);

  public Subtitles {
    languages = List.copyOf(languages);
  }
}
