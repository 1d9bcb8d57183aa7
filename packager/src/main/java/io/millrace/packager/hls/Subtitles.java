package io.millrace.packager.hls;

import io.millrace.packager.window.RenditionView;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * WebVTT renditions (RFC 8216bis §4.4.6.1): one group, which every variant names. None is shown
 * unless the viewer wants it, and a player chooses by itself only by its language.
 *
 * @param texts in the order to list them; may be empty, then nothing is said
 */
record Subtitles(List<RenditionView> texts) {
  private static final String GROUP_ID = "subtitles";

  /**
   * @param query behind the paths of media playlists
   */
  void append(StringBuilder out, String query) {
    Set<String> names = new HashSet<>();
    Set<String> languages = new HashSet<>();
    for (RenditionView text : texts) {
      String language = text.language();
      boolean selectable = language != null && languages.add(language.toLowerCase(Locale.ROOT));
      out.append("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"").append(GROUP_ID).append('"');
      if (language != null) {
        out.append(",LANGUAGE=\"").append(language).append('"');
      }
      out.append(",NAME=\"").append(AudioGroup.uniqueName(text, names)).append('"');
      out.append(",DEFAULT=NO,FORCED=NO");
      out.append(selectable ? ",AUTOSELECT=YES" : ",AUTOSELECT=NO");
      out.append(",URI=\"").append(AudioGroup.uri(text)).append(query).append("\"\n");
    }
  }

  /** The attribute of a variant. */
  String attribute() {
    return texts.isEmpty() ? "" : ",SUBTITLES=\"" + GROUP_ID + '"';
  }
}
