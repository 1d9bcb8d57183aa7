package io.millrace.media;

import io.millrace.media.TrackEvent.Cue;
import java.nio.charset.StandardCharsets;

/**
 * Text that a publisher says at some instant, to be shown until it says something else. On its way
 * it is a {@link Cue}.
 *
 * @param language as the publisher has it; empty when it has none
 * @param text without markup; empty: nothing is shown any more
 */
public record TextMessage(String language, String text) {
  public static final String SCHEME = "urn:millrace:text";

  /** Ends the language; neither holds it. */
  private static final char SEPARATOR = '\0';

  public Cue at(long ptsTicks) {
    String message = language.replace(SEPARATOR, ' ') + SEPARATOR + text;
    return new Cue(ptsTicks, SCHEME, message.getBytes(StandardCharsets.UTF_8));
  }

  /** Of a cue with this scheme. */
  public static TextMessage of(Cue cue) {
    String message = new String(cue.message(), StandardCharsets.UTF_8);
    int end = message.indexOf(SEPARATOR);
    return end < 0
        ? new TextMessage("", message)
        : new TextMessage(message.substring(0, end), message.substring(end + 1));
  }
}
