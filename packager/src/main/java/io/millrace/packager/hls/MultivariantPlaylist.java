package io.millrace.packager.hls;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.millrace.media.caption.CaptionServices;
import io.millrace.packager.window.RenditionView;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A multivariant playlist (RFC 8216bis §4.4.6): each video rendition is a variant with each {@link
 * AudioGroup}; without video, each group is a variant.
 *
 * @param videos in the order to list them
 * @param audios in the order to list them; the first is the default
 * @param texts WebVTT renditions, in the order to list them
 * @param keys writes the keys of what is encrypted
 * @param captions inside every video rendition; null when not known
 * @param query behind the paths of media playlists, with its {@code ?}; usually empty
 */
public record MultivariantPlaylist(
    List<RenditionView> videos,
    List<RenditionView> audios,
    List<RenditionView> texts,
    KeyTags keys,
    @Nullable CaptionServices captions,
    String query) {

  /** Nothing in it needs more (§8). */
  private static final int VERSION = 6;

  public String render() {
    StringBuilder out = new StringBuilder(1024);
    ClosedCaptions closed = new ClosedCaptions(captions);
    out.append("#EXTM3U\n#EXT-X-VERSION:").append(closed.version(VERSION));
    out.append("\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    keys.session(out, videos, audios);
    List<AudioGroup> groups = AudioGroup.of(audios);
    Subtitles subtitles = new Subtitles(texts);
    subtitles.append(out, query);
    if (videos.isEmpty()) {
      boolean choice = audios.size() > 1;
      if (choice) {
        groups.forEach(group -> group.append(out, query));
      }
      groups.forEach(group -> audioVariant(out, group, choice, subtitles));
      return out.toString();
    }
    groups.forEach(group -> group.append(out, query));
    closed.append(out);
    if (groups.isEmpty()) {
      videos.forEach(video -> videoVariant(out, video, null, closed, subtitles));
    }
    for (AudioGroup group : groups) {
      videos.forEach(video -> videoVariant(out, video, group, closed, subtitles));
    }
    return out.toString();
  }

  private void videoVariant(
      StringBuilder out,
      RenditionView video,
      @Nullable AudioGroup group,
      ClosedCaptions closed,
      Subtitles subtitles) {
    Set<String> codecs = new LinkedHashSet<>(List.of(video.format().codecs()));
    long peakBps = video.bitrates().peakBps();
    long averageBps = video.bitrates().averageBps();
    if (group != null) {
      codecs.addAll(group.codecs());
      peakBps += group.peakBps();
      averageBps += group.averageBps();
    }
    streamInf(out, peakBps, averageBps, codecs);
    if (video.format() instanceof TrackFormat.Video format) {
      out.append(",RESOLUTION=").append(resolution(format));
      Rational rate = format.frameRate();
      if (rate != null) {
        out.append(String.format(Locale.ROOT, ",FRAME-RATE=%.3f", rate.toDouble()));
      }
      out.append(",VIDEO-RANGE=").append(videoRange(format));
    }
    if (group != null) {
      out.append(",AUDIO=\"").append(group.id()).append('"');
    }
    out.append(subtitles.attribute());
    out.append(closed.attribute());
    out.append('\n').append(AudioGroup.uri(video)).append(query).append('\n');
  }

  /**
   * @param choice true when the group has been listed
   */
  private void audioVariant(
      StringBuilder out, AudioGroup group, boolean choice, Subtitles subtitles) {
    streamInf(out, group.peakBps(), group.averageBps(), group.codecs());
    if (choice) {
      out.append(",AUDIO=\"").append(group.id()).append('"');
    }
    out.append(subtitles.attribute());
    out.append('\n').append(AudioGroup.uri(group.members().getFirst())).append(query).append('\n');
  }

  private static void streamInf(
      StringBuilder out, long peakBps, long averageBps, Set<String> codecs) {
    out.append("#EXT-X-STREAM-INF:BANDWIDTH=").append(peakBps);
    out.append(",AVERAGE-BANDWIDTH=").append(averageBps);
    out.append(",CODECS=\"").append(String.join(",", codecs)).append('"');
  }

  /** The size to show the picture at: square pixels, upright. */
  private static String resolution(TrackFormat.Video format) {
    Rational aspect = format.sampleAspectRatio();
    long width = Timescale.scale(format.width(), aspect.numerator(), aspect.denominator());
    boolean onItsSide = format.rotation() % 180 != 0;
    return onItsSide ? format.height() + "x" + width : width + "x" + format.height();
  }

  private static String videoRange(TrackFormat.Video format) {
    return switch (format.colour().transfer()) {
      case Colour.TRANSFER_PQ -> "PQ";
      case Colour.TRANSFER_HLG -> "HLG";
      default -> "SDR";
    };
  }
}
