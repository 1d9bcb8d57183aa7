package io.millrace.packager.hls;

import io.millrace.media.AudioCodec;
import io.millrace.media.TrackFormat;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.RenditionView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Audio renditions of one codec (RFC 8216bis §4.4.6.1.1). A variant names the codecs of everything
 * that may be played with it, so a group for each codec keeps what a player can play apart from
 * what it cannot.
 *
 * @param id of the group; the first one's does not depend on its codec
 * @param members in the order to list them, at least one; the first is the default
 */
record AudioGroup(String id, List<RenditionView> members) {
  private static final String FIRST_ID = "audio";

  static List<AudioGroup> of(List<RenditionView> audios) {
    Map<AudioCodec, List<RenditionView>> byCodec = new LinkedHashMap<>();
    for (RenditionView audio : audios) {
      if (audio.format() instanceof TrackFormat.Audio format) {
        byCodec.computeIfAbsent(format.codec(), _ -> new ArrayList<>()).add(audio);
      }
    }
    List<AudioGroup> groups = new ArrayList<>();
    byCodec.forEach(
        (codec, members) ->
            groups.add(
                new AudioGroup(
                    groups.isEmpty()
                        ? FIRST_ID
                        : FIRST_ID + "-" + codec.name().toLowerCase(Locale.ROOT),
                    members)));
    return groups;
  }

  /**
   * One {@code EXT-X-MEDIA} for each member. Names are unique in the group, and a player chooses by
   * itself only where a language tells it what it chooses.
   *
   * @param query behind the paths of media playlists
   */
  void append(StringBuilder out, String query) {
    Set<String> names = new HashSet<>();
    Set<String> languages = new HashSet<>();
    for (RenditionView member : members) {
      boolean first = member == members.getFirst();
      String language = member.language();
      boolean selectable = language != null && languages.add(language.toLowerCase(Locale.ROOT));
      out.append("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"").append(id).append('"');
      if (language != null) {
        out.append(",LANGUAGE=\"").append(language).append('"');
      }
      out.append(",NAME=\"").append(uniqueName(member, names)).append('"');
      out.append(first ? ",DEFAULT=YES" : ",DEFAULT=NO");
      out.append(first || selectable ? ",AUTOSELECT=YES" : ",AUTOSELECT=NO");
      if (member.format() instanceof TrackFormat.Audio format) {
        out.append(",CHANNELS=\"").append(format.channels()).append('"');
      }
      out.append(",URI=\"").append(uri(member)).append(query).append("\"\n");
    }
  }

  static String uniqueName(RenditionView member, Set<String> taken) {
    String suffix = " (" + quotable(member.name()) + ")";
    String name = quotable(member.title());
    while (!taken.add(name)) {
      name += suffix;
    }
    return name;
  }

  Set<String> codecs() {
    Set<String> codecs = new LinkedHashSet<>();
    members.forEach(member -> codecs.add(member.format().codecs()));
    return codecs;
  }

  /** Of the member that needs most. */
  long peakBps() {
    return members.stream().mapToLong(member -> member.bitrates().peakBps()).max().orElse(0);
  }

  /** Of the member that needs most. */
  long averageBps() {
    return members.stream().mapToLong(member -> member.bitrates().averageBps()).max().orElse(0);
  }

  static String uri(RenditionView rendition) {
    return MediaNames.pathSegment(rendition.name()) + "/media.m3u8";
  }

  /** A quoted-string cannot hold a double quote (§4.2). */
  private static String quotable(String name) {
    return name.replace('"', '\'');
  }
}
