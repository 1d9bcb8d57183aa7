package io.millrace.server.live;

import io.millrace.media.LanguageTag;
import io.millrace.media.StreamKey;
import io.millrace.media.TextMessage;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackSink;
import io.millrace.packager.Presentation;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.TextTrack;
import io.millrace.packager.text.CueBook.Verdict;
import io.millrace.packager.text.WebVttFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The text tracks of a stream by their language: those that the configuration names, from the
 * start, and others when there is something to show in them. On the stream's event loop.
 */
final class TextTracks implements TrackSink {
  private static final Logger LOG = LoggerFactory.getLogger(TextTracks.class);
  private static final String UNDETERMINED = "und";
  private static final int ORDER = 200;
  static final int MAX_TRACKS = 8;

  private final StreamKey key;
  private final Presentation presentation;
  private final Map<String, TextTrack> tracks = new LinkedHashMap<>();
  private @Nullable Boundary last;
  private boolean refused;

  TextTracks(StreamKey key, Presentation presentation) {
    this.key = key;
    this.presentation = presentation;
  }

  /** Opens the tracks that the stream has whether or not there is something to show. */
  void declare(List<String> languages) {
    languages.forEach(this::track);
  }

  /** Takes what goes to all tracks. */
  @Override
  public void accept(TrackEvent event) {
    if (event instanceof Boundary boundary) {
      last = boundary;
    }
    tracks.values().forEach(track -> track.accept(event.retain()));
    event.release();
  }

  /** Shows what a publisher says; in its first track what comes without a language. */
  void say(Cue cue) {
    TextMessage message = TextMessage.of(cue);
    String language = message.language();
    if (language.isEmpty()) {
      language = tracks.isEmpty() ? UNDETERMINED : tracks.keySet().iterator().next();
    }
    String tag = LanguageTag.parse(language);
    say(tag == null ? UNDETERMINED : tag, cue.ptsTicks(), message.text());
  }

  /** Shows text in a track until something else is said there. */
  void say(String tag, long ticks, String text) {
    TextTrack track = track(tag);
    if (track != null) {
      Verdict verdict = track.say(ticks, text);
      if (verdict != Verdict.TAKEN) {
        LOG.atDebug()
            .addKeyValue("stream", key)
            .addKeyValue("language", tag)
            .addKeyValue("verdict", verdict)
            .log("text is not shown");
      }
    }
  }

  /**
   * Shows the cues of a file.
   *
   * @param tag of RFC 5646, in its canonical form
   * @param zeroTicks where the file's time begins
   * @return null where no track can be opened for them
   */
  @Nullable SubtitleCounts add(String tag, long zeroTicks, List<WebVttFile.Cue> cues) {
    TextTrack track = track(tag);
    if (track == null) {
      return null;
    }
    int[] counts = new int[Verdict.values().length];
    for (WebVttFile.Cue cue : cues) {
      counts[track.add(zeroTicks, cue).ordinal()]++;
    }
    return new SubtitleCounts(
        counts[Verdict.TAKEN.ordinal()],
        counts[Verdict.LATE.ordinal()],
        counts[Verdict.FULL.ordinal()]);
  }

  private @Nullable TextTrack track(String tag) {
    TextTrack known = tracks.get(tag);
    if (known != null) {
      return known;
    }
    if (tracks.size() == MAX_TRACKS) {
      if (!refused) {
        LOG.atWarn()
            .addKeyValue("stream", key)
            .addKeyValue("language", tag)
            .addKeyValue("tracks", MAX_TRACKS)
            .log("no further text track");
      }
      refused = true;
      return null;
    }
    RenditionSpec spec =
        new RenditionSpec("subtitles-" + tag, ORDER + tracks.size(), 0)
            .described(LanguageTag.nameOf(tag), tag);
    TextTrack opened = presentation.text(spec);
    tracks.put(tag, opened);
    Boundary current = last;
    if (current != null) {
      opened.accept(current);
    }
    LOG.atInfo()
        .addKeyValue("stream", key)
        .addKeyValue("rendition", spec.name())
        .log("text track opened");
    return opened;
  }
}
