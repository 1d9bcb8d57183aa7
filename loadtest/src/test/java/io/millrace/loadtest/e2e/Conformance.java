package io.millrace.loadtest.e2e;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of any recording of a live HLS stream. Each check returns what is wrong, one line
 * a finding; an empty list is a pass.
 */
public final class Conformance {
  private Conformance() {}

  /** Every check that needs no decoder. */
  public static List<String> check(HlsClient stream) {
    return check(stream, Duration.ZERO);
  }

  /**
   * The same of a stream that changed its publisher.
   *
   * @param hole how much of the sound may be missing, and of anything at a discontinuity
   */
  public static List<String> check(HlsClient stream, Duration hole) {
    List<String> problems = new ArrayList<>();
    for (HlsClient.Track track : stream.tracks()) {
      track.problems().forEach(problem -> problems.add(track.name() + ": " + problem));
      problems.addAll(playlist(track, hole));
      problems.addAll(segments(track));
      problems.addAll(holes(track, hole));
      problems.addAll(codecs(track, stream.audioTrack().orElse(null)));
    }
    problems.addAll(targets(stream));
    problems.addAll(alignment(stream));
    problems.addAll(TextConformance.check(stream, hole));
    return problems;
  }

  /**
   * RFC 8216bis §6.2.1 wants EXT-X-TARGETDURATION constant. A live source whose key frames grow
   * rarer than the target leaves no other way than to raise it; nothing else may.
   */
  static List<String> targets(HlsClient stream) {
    int longest =
        stream.tracks().stream()
            .flatMap(track -> track.segments().values().stream())
            .mapToInt(fetched -> rounded(fetched.entry().seconds()))
            .max()
            .orElse(0);
    return stream.tracks().stream()
        .filter(track -> track.newest() != null)
        .filter(
            track -> track.newest().targetSeconds() > Math.max(track.firstTargetSeconds(), longest))
        .map(track -> track.name() + ": EXT-X-TARGETDURATION raised without need")
        .toList();
  }

  private static int rounded(BigDecimal seconds) {
    return seconds.setScale(0, RoundingMode.HALF_UP).intValue();
  }

  /** Numbers contiguous, durations within the target, dates going on (RFC 8216bis §4.4, §6.2.1). */
  static List<String> playlist(HlsClient.Track track, Duration hole) {
    List<String> problems = new ArrayList<>();
    HlsPlaylist.Media newest = track.newest();
    HlsClient.Fetched previous = null;
    for (HlsClient.Fetched fetched : track.segments().values()) {
      HlsPlaylist.Entry entry = fetched.entry();
      if (newest != null
          && entry.seconds().setScale(0, RoundingMode.HALF_UP).intValue()
              > newest.targetSeconds()) {
        problems.add(
            name(track, entry)
                + "EXTINF "
                + entry.seconds()
                + " above EXT-X-TARGETDURATION "
                + newest.targetSeconds());
      }
      if (previous != null) {
        if (entry.sequence() != previous.entry().sequence() + 1) {
          problems.add(name(track, entry) + "follows " + previous.entry().sequence());
        }
        date(track, previous.entry(), entry, hole).ifPresent(problems::add);
      }
      previous = fetched;
    }
    return problems;
  }

  private static java.util.Optional<String> date(
      HlsClient.Track track, HlsPlaylist.Entry previous, HlsPlaylist.Entry entry, Duration hole) {
    if (entry.programDateTime() == null || previous.programDateTime() == null) {
      return java.util.Optional.empty();
    }
    Duration step = Duration.between(previous.programDateTime(), entry.programDateTime());
    BigDecimal off = BigDecimal.valueOf(step.toNanos(), 9).subtract(previous.seconds()).abs();
    BigDecimal allowed =
        entry.discontinuity() || !track.isVideo()
            ? BigDecimal.valueOf(hole.toMillis(), 3)
            : BigDecimal.ZERO;
    return off.compareTo(allowed.add(new BigDecimal("0.002"))) <= 0
        ? java.util.Optional.empty()
        : java.util.Optional.of(
            name(track, entry) + "EXT-X-PROGRAM-DATE-TIME is off by " + off + " s");
  }

  /**
   * Decode times join without a tick between them; EXTINF tells the same; segments start with a
   * sync sample.
   *
   * <p>A part is sealed with what is its last frame by the source's cadence. Where the next key
   * frame then comes late, as when a clip begins again or another publisher takes over, the segment
   * lasts longer than its samples say, and the next one's decode times begin where they ended.
   */
  static List<String> segments(HlsClient.Track track) {
    List<String> problems = new ArrayList<>();
    HlsClient.Fetched previous = null;
    int timescale = 0;
    for (HlsClient.Fetched fetched : track.segments().values()) {
      if (fetched.entry().gap()) {
        previous = null;
        continue;
      }
      if (previous == null || previous.init() != fetched.init()) {
        timescale = Boxes.init(fetched.init()).timescale();
      }
      Boxes.Media media = fetched.media();
      if (media.samples().isEmpty() || !media.samples().getFirst().sync()) {
        problems.add(name(track, fetched.entry()) + "does not start with a sync sample");
      }
      long early = media.presentationTicks().getFirst() - media.decodeTimeTicks();
      if (track.isVideo() && (early < 0 || early > late(timescale))) {
        problems.add(name(track, fetched.entry()) + "first presentation time is not its tfdt");
      }
      BigDecimal told = fetched.entry().seconds();
      BigDecimal real =
          BigDecimal.valueOf(media.durationTicks())
              .divide(BigDecimal.valueOf(timescale), 9, RoundingMode.HALF_UP);
      // Audio is cut at whole frames, so its segments may differ from the boundary interval by one.
      BigDecimal tolerance = new BigDecimal("0.05");
      if (told.subtract(real).abs().compareTo(tolerance) > 0) {
        problems.add(name(track, fetched.entry()) + "EXTINF " + told + " but samples last " + real);
      }
      if (previous != null && !fetched.entry().discontinuity()) {
        long end = previous.media().endTicks();
        if (media.decodeTimeTicks() != end) {
          problems.add(
              name(track, fetched.entry())
                  + "tfdt "
                  + media.decodeTimeTicks()
                  + ", the previous segment ends at "
                  + end);
        }
      }
      previous = fetched;
    }
    return problems;
  }

  /** 50 ms: how late a key frame may be that a part has not waited for. */
  static long late(int timescale) {
    return timescale / 20;
  }

  /** Fragments of a segment join as well. */
  static List<String> holes(HlsClient.Track track, Duration allowed) {
    List<String> problems = new ArrayList<>();
    for (HlsClient.Fetched fetched : track.segments().values()) {
      if (fetched.entry().gap()) {
        continue;
      }
      int timescale = Boxes.init(fetched.init()).timescale();
      double seconds = (double) fetched.media().holeTicks() / timescale;
      if (seconds > (track.isVideo() ? 0 : allowed.toMillis() / 1000.0)) {
        problems.add(name(track, fetched.entry()) + "has a hole of " + seconds + " s");
      }
    }
    return problems;
  }

  /** CODECS, RESOLUTION and the bandwidths agree with the bytes (RFC 8216bis §4.4.6.2). */
  static List<String> codecs(HlsClient.Track track, HlsClient.@Nullable Track audio) {
    List<String> problems = new ArrayList<>();
    HlsPlaylist.Variant variant = track.variant();
    if (variant == null) {
      return problems;
    }
    Boxes.Init init = track.init();
    boolean named = variant.codecs().stream().anyMatch(codec -> sameCodec(codec, init.codec()));
    if (!named) {
      problems.add(
          track.name() + ": CODECS " + variant.codecs() + " but the header has " + init.codec());
    }
    if (audio != null
        && variant.codecs().stream().noneMatch(codec -> sameCodec(codec, audio.init().codec()))) {
      problems.add(
          track.name()
              + ": CODECS "
              + variant.codecs()
              + " without the audio's "
              + audio.init().codec());
    }
    // "The optimal pixel resolution at which to display": square pixels, after any rotation.
    String upright = init.displayWidth() + "x" + init.displayHeight();
    String turned = init.displayHeight() + "x" + init.displayWidth();
    String told = variant.attributes().getOrDefault("RESOLUTION", "");
    if (!told.equals(upright) && !told.equals(turned)) {
      problems.add(track.name() + ": RESOLUTION " + told + " but the header has " + upright);
    }
    long average = Long.parseLong(variant.attributes().getOrDefault("AVERAGE-BANDWIDTH", "0"));
    if (variant.bandwidth() <= 0 || average > variant.bandwidth()) {
      problems.add(
          track.name() + ": BANDWIDTH " + variant.bandwidth() + ", AVERAGE-BANDWIDTH " + average);
    }
    return problems;
  }

  /** The mandatory part of the strings; optional colour fields of AV1 and VP9 may follow. */
  private static boolean sameCodec(String told, String real) {
    String a = told.toLowerCase(Locale.ROOT);
    String b = real.toLowerCase(Locale.ROOT);
    return a.equals(b) || (b.matches("(av01|vp09).*") && a.startsWith(b + "."));
  }

  /**
   * All video renditions start segment n at the same tick; audio at its first frame from there on.
   */
  static List<String> alignment(HlsClient stream) {
    List<String> problems = new ArrayList<>();
    List<HlsClient.Track> videos = stream.videoTracks();
    if (videos.isEmpty()) {
      return problems;
    }
    HlsClient.Track first = videos.getFirst();
    int timescale = first.init().timescale();
    for (Map.Entry<Long, HlsClient.Fetched> each : first.segments().entrySet()) {
      if (each.getValue().entry().gap()) {
        continue;
      }
      long startTicks = each.getValue().media().decodeTimeTicks();
      for (HlsClient.Track other : videos.subList(1, videos.size())) {
        HlsClient.Fetched same = other.segments().get(each.getKey());
        if (same == null || same.entry().gap()) {
          continue;
        }
        if (other.init().timescale() != timescale || same.media().decodeTimeTicks() != startTicks) {
          problems.add(
              name(other, same.entry())
                  + "starts at "
                  + same.media().decodeTimeTicks()
                  + ", "
                  + first.name()
                  + " at "
                  + startTicks);
        }
      }
      HlsClient.Track audio = stream.audioTrack().orElse(null);
      HlsClient.Fetched sound = audio == null ? null : audio.segments().get(each.getKey());
      if (audio != null && sound != null && !sound.entry().gap()) {
        double shownSeconds =
            (double) each.getValue().media().presentationTicks().getFirst() / timescale;
        audioStart(audio, sound, shownSeconds).ifPresent(problems::add);
      }
    }
    return problems;
  }

  /**
   * At the first frame from there on: the frame before it begins earlier and lasts until this one.
   * Where an input ends and another begins, frames do not follow each other in step, and that frame
   * is stretched by less than its own length.
   */
  private static java.util.Optional<String> audioStart(
      HlsClient.Track audio, HlsClient.Fetched sound, double startSeconds) {
    Boxes.Media media = sound.media();
    double rate = audio.init().timescale();
    double frameSeconds = media.samples().getFirst().durationTicks() / rate;
    double after = media.presentationTicks().getFirst() / rate - startSeconds;
    // In the stream's first segment sound starts when the publisher starts it.
    boolean opening = sound.entry().sequence() == 0;
    HlsClient.Fetched before = audio.segments().get(sound.entry().sequence() - 1);
    double longest = frameSeconds;
    if (before != null && !before.entry().gap()) {
      double lasts = before.media().samples().getLast().durationTicks() / rate;
      longest = Math.clamp(lasts, frameSeconds, 2 * frameSeconds);
    }
    return after >= -0.001 && (opening || after < longest + 0.001)
        ? java.util.Optional.empty()
        : java.util.Optional.of(
            name(audio, sound.entry())
                + "starts "
                + after
                + " s after its video segment, a frame is "
                + longest
                + " s");
  }

  /** Sequence numbers that every track has bytes for. */
  public static Set<Long> common(HlsClient stream) {
    Set<Long> common = null;
    for (HlsClient.Track track : stream.tracks()) {
      Set<Long> own = new TreeSet<>();
      track
          .segments()
          .forEach(
              (sequence, fetched) -> {
                if (!fetched.entry().gap()) {
                  own.add(sequence);
                }
              });
      if (common == null) {
        common = own;
      } else {
        common.retainAll(own);
      }
    }
    return common == null ? Set.of() : common;
  }

  private static String name(HlsClient.Track track, HlsPlaylist.Entry entry) {
    return track.name() + " segment " + entry.sequence() + ": ";
  }
}
