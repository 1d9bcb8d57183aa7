package io.millrace.packager.hls;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.RenditionView;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A multivariant playlist (RFC 8216bis §4.4.6): each video rendition a variant, with all audio
 * renditions as one group; without video, each audio rendition a variant.
 *
 * @param videos in the order to list them
 * @param audios in the order to list them; the first is the default
 */
public record MultivariantPlaylist(List<RenditionView> videos, List<RenditionView> audios) {
  private static final String AUDIO_GROUP = "audio";

  public String render() {
    StringBuilder out = new StringBuilder(1024);
    out.append("#EXTM3U\n#EXT-X-VERSION:").append(MediaPlaylist.VERSION);
    out.append("\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    if (videos.isEmpty()) {
      audios.forEach(audio -> audioVariant(out, audio));
      return out.toString();
    }
    for (int i = 0; i < audios.size(); i++) {
      media(out, audios.get(i), i == 0);
    }
    videos.forEach(video -> variant(out, video));
    return out.toString();
  }

  private static void media(StringBuilder out, RenditionView audio, boolean isDefault) {
    out.append("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"").append(AUDIO_GROUP).append('"');
    out.append(",NAME=\"").append(quotable(audio.name())).append('"');
    out.append(isDefault ? ",DEFAULT=YES" : ",DEFAULT=NO").append(",AUTOSELECT=YES");
    if (audio.format() instanceof TrackFormat.Audio format) {
      out.append(",CHANNELS=\"").append(format.channels()).append('"');
    }
    out.append(",URI=\"").append(uri(audio)).append("\"\n");
  }

  private void variant(StringBuilder out, RenditionView video) {
    long peakBps = video.bitrates().peakBps();
    long averageBps = video.bitrates().averageBps();
    long audioPeakBps = 0;
    long audioAverageBps = 0;
    Set<String> codecs = new LinkedHashSet<>(List.of(video.format().codecs()));
    for (RenditionView audio : audios) {
      audioPeakBps = Math.max(audioPeakBps, audio.bitrates().peakBps());
      audioAverageBps = Math.max(audioAverageBps, audio.bitrates().averageBps());
      codecs.add(audio.format().codecs());
    }
    streamInf(out, peakBps + audioPeakBps, averageBps + audioAverageBps, codecs);
    if (video.format() instanceof TrackFormat.Video format) {
      out.append(",RESOLUTION=").append(resolution(format));
      Rational rate = format.frameRate();
      if (rate != null) {
        out.append(String.format(Locale.ROOT, ",FRAME-RATE=%.3f", rate.toDouble()));
      }
      out.append(",VIDEO-RANGE=").append(videoRange(format));
    }
    if (!audios.isEmpty()) {
      out.append(",AUDIO=\"").append(AUDIO_GROUP).append('"');
    }
    out.append('\n').append(uri(video)).append('\n');
  }

  private static void audioVariant(StringBuilder out, RenditionView audio) {
    streamInf(
        out,
        audio.bitrates().peakBps(),
        audio.bitrates().averageBps(),
        Set.of(audio.format().codecs()));
    out.append('\n').append(uri(audio)).append('\n');
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

  /** By transfer characteristics (ITU-T H.273 §8.2): 16 is PQ, 18 is HLG. */
  private static String videoRange(TrackFormat.Video format) {
    return switch (format.colour().transfer()) {
      case 16 -> "PQ";
      case 18 -> "HLG";
      default -> "SDR";
    };
  }

  private static String uri(RenditionView rendition) {
    return MediaNames.pathSegment(rendition.name()) + "/media.m3u8";
  }

  /** A quoted-string cannot hold a double quote (§4.2). */
  private static String quotable(String name) {
    return name.replace('"', '\'');
  }
}
