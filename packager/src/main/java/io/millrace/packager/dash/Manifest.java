package io.millrace.packager.dash;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.window.Entry;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.PeriodLog;
import io.millrace.packager.window.RenditionView;
import io.millrace.packager.window.WindowSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An MPD for the live profile (ISO/IEC 23009-1 §8.4) and CMAF, with segment timelines.
 *
 * <p>A period starts where {@link PeriodLog} says: in each, a representation has one init segment.
 * Its start is on the stream's clock, and {@code presentationTimeOffset} is the same instant in the
 * track's timescale, so media times go on over periods. Missing segments have no {@code S}. A
 * rendition that joins later by itself appears in the newest period.
 *
 * @param sets adaptation sets in the order to list them: video of one codec and dynamic range, or
 *     one audio or text rendition
 * @param periods in order, at least one
 * @param endSequence where the listing ends, exclusive: a period that is not complete yet is held
 *     back
 * @param epoch wall-clock time of the presentation's start
 * @param originTicks where that is on the stream's clock, in {@link Timescale#VIDEO} ticks: 0, or
 *     where a clip begins
 * @param published when this is rendered
 * @param targetDuration no segment is much longer
 * @param partTargetUs no part of a segment that grows is longer; 0 where segments are announced
 *     when they are complete
 * @param protection says what is encrypted with which key
 * @param ended true when nothing will be added
 * @param side events and captions
 */
public record Manifest(
    List<List<RenditionView>> sets,
    List<PeriodLog.Start> periods,
    long endSequence,
    MediaNames names,
    Instant epoch,
    long originTicks,
    Instant published,
    Duration targetDuration,
    Duration window,
    long partTargetUs,
    ProtectionElements protection,
    boolean ended,
    SideData side) {

  private static final String PROFILES =
      "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019";

  /** Above every video set's. */
  private static final int FIRST_FURTHER_AUDIO_ID = 100;

  /** Above every other set's: there are fewer renditions of audio. */
  private static final int FIRST_TEXT_ID = 1_000;

  private static final String TEXT = "text";
  private static final String MAIN = "main";

  /** ISO/IEC 23009-1 §5.3.2.4: the set of the same id goes on from the period that is named. */
  private static final String PERIOD_CONTINUITY = "urn:mpeg:dash:period-continuity:2015";

  /** The code point in primaries, transfer characteristics and matrix alike. */
  private static final int BT_709 = 1;

  /** Segments between the live edge and where players should start. */
  private static final int DELAY_SEGMENTS = 3;

  /** Where players ask for the time. */
  private static final String UTC_SOURCE = "/time";

  public String render() {
    LowLatency low = partTargetUs == 0 || ended ? null : new LowLatency(partTargetUs);
    Xml xml = new Xml();
    xml.open("MPD").attribute("xmlns", "urn:mpeg:dash:schema:mpd:2011");
    protection.namespaces(xml);
    xml.attribute("profiles", PROFILES);
    xml.attribute("type", ended ? "static" : "dynamic");
    xml.attribute("availabilityStartTime", epoch.truncatedTo(ChronoUnit.MILLIS));
    xml.attribute("publishTime", published.truncatedTo(ChronoUnit.MILLIS));
    if (ended) {
      xml.attribute("mediaPresentationDuration", seconds(endUs() - originUs()));
    } else {
      long updateUs = low == null ? us(targetDuration) : low.updateUs();
      xml.attribute("minimumUpdatePeriod", seconds(updateUs));
      xml.attribute("timeShiftBufferDepth", seconds(us(window)));
      // For players that wait for whole segments; the others go by the service description.
      long delayUs = us(targetDuration) * DELAY_SEGMENTS;
      xml.attribute("suggestedPresentationDelay", seconds(delayUs));
    }
    xml.attribute("minBufferTime", seconds(low == null ? us(targetDuration) : low.delayUs()));
    if (low != null) {
      low.serviceDescription(xml);
    }
    Former former = new Former("", Set.of());
    List<PeriodLog.Start> whole = wholePeriods();
    for (int i = 0; i < whole.size(); i++) {
      boolean last = i + 1 == whole.size() || whole.get(i + 1).sequence() >= endSequence;
      long end = i + 1 < whole.size() ? whole.get(i + 1).sequence() : endSequence;
      long endTicks = last ? Long.MAX_VALUE : whole.get(i + 1).startTicks();
      boolean oldest = i == 0;
      former = period(xml, whole.get(i), oldest, Math.min(end, endSequence), endTicks, former, low);
    }
    if (!ended) {
      utcTiming(xml, UTC_SOURCE);
    }
    return xml.close("MPD").toString();
  }

  /**
   * Without those that picture or sound has just lost to the end of its window, of which another
   * has something left: Shaka Player takes what is missing in one period to be missing in all.
   */
  private List<PeriodLog.Start> wholePeriods() {
    long wholeFrom =
        sets.stream().flatMap(List::stream).mapToLong(this::lostBefore).max().orElse(0);
    int first = 0;
    while (first + 1 < periods.size() && periods.get(first + 1).sequence() <= wholeFrom) {
      first++;
    }
    return periods.subList(first, periods.size());
  }

  /** What lies before this sequence number was listed once, and is not any more. */
  private long lostBefore(RenditionView rendition) {
    WindowSnapshot window = rendition.window();
    Entry from = ended ? window.first() : window.firstTimed();
    boolean text = rendition.format() instanceof TrackFormat.Text;
    return text || from == null || !(window.shortened() || from != window.first())
        ? 0
        : from.sequence();
  }

  static void utcTiming(Xml xml, String source) {
    xml.open("UTCTiming").attribute("schemeIdUri", "urn:mpeg:dash:utc:http-iso:2014");
    xml.attribute("value", source).close("UTCTiming");
  }

  private long originUs() {
    return Timescale.VIDEO.rescale(originTicks, Timescale.MICROS);
  }

  private long endUs() {
    return sets.stream()
        .flatMap(List::stream)
        .flatMap(rendition -> Stream.ofNullable(rendition.window().newestSegment()))
        .mapToLong(Interval::endUs)
        .max()
        .orElse(0);
  }

  private record Listed(RenditionView rendition, Timeline timeline) {}

  /**
   * The period before.
   *
   * @param id empty where none is listed
   * @param sets ids of its adaptation sets
   */
  private record Former(String id, Set<Integer> sets) {}

  /** A period that has lost all its segments, or has none yet, is left out. */
  private Former period(
      Xml xml,
      PeriodLog.Start start,
      boolean oldest,
      long end,
      long endTicks,
      Former former,
      @Nullable LowLatency low) {
    List<List<Listed>> present = new ArrayList<>();
    for (List<RenditionView> renditions : sets) {
      List<Listed> listed = new ArrayList<>();
      for (RenditionView rendition : renditions) {
        Timeline timeline = Timeline.of(rendition.window(), ended, start.sequence(), end);
        if (timeline != null) {
          listed.add(new Listed(rendition, timeline));
        }
      }
      present.add(listed);
    }
    if (present.stream().allMatch(List::isEmpty)) {
      return former;
    }
    String id = "p" + start.sequence();
    xml.open("Period").attribute("id", id);
    long startUs = Timescale.VIDEO.rescale(start.startTicks(), Timescale.MICROS);
    xml.attribute("start", seconds(startUs - originUs()));
    side.events(xml, start, oldest ? -1 : start.startTicks(), endTicks);
    Set<Integer> ids = new HashSet<>();
    for (List<Listed> listed : present) {
      if (!listed.isEmpty()) {
        int set = setId(listed);
        ids.add(set);
        boolean continued = start.continuous() && former.sets.contains(set);
        adaptationSet(xml, listed, start, continued ? former.id : null, low);
      }
    }
    xml.close("Period");
    return new Former(id, ids);
  }

  private void adaptationSet(
      Xml xml,
      List<Listed> present,
      PeriodLog.Start start,
      @Nullable String continued,
      @Nullable LowLatency low) {
    RenditionView first = present.getFirst().rendition;
    TrackFormat format = present.getFirst().timeline.init().format();
    String kind = contentType(format);
    xml.open("AdaptationSet").attribute("id", setId(present)).attribute("contentType", kind);
    if (first.language() != null) {
      xml.attribute("lang", first.language());
    }
    xml.attribute("mimeType", (kind.equals(TEXT) ? "application" : kind) + "/mp4");
    xml.attribute("segmentAlignment", true).attribute("startWithSAP", 1);
    protection.append(xml, present.getFirst().timeline.init().key());
    if (continued != null) {
      xml.open("SupplementalProperty").attribute("schemeIdUri", PERIOD_CONTINUITY);
      xml.attribute("value", continued).close("SupplementalProperty");
    }
    String role = MAIN;
    switch (format) {
      case TrackFormat.Video video -> {
        colour(xml, video.colour());
        side.inband(xml);
      }
      case TrackFormat.Audio _ -> {
        if (sets.stream().noneMatch(Manifest::isVideo)) {
          side.inband(xml);
        }
        role = first.number() == 0 ? MAIN : "alternate";
        if (first.number() > 0 || first.label() != null) {
          xml.text("Label", first.title());
        }
      }
      case TrackFormat.Text _ -> {
        role = "subtitle";
        xml.text("Label", first.title());
      }
    }
    if (low != null && !(format instanceof TrackFormat.Text)) {
      Timescale timescale = format.timescale();
      long offsetTicks = Timescale.VIDEO.rescale(start.startTicks(), timescale);
      low.producerReferenceTime(xml, epoch, offsetTicks, timescale, UTC_SOURCE);
    }
    if (format instanceof TrackFormat.Video) {
      side.captions(xml);
    }
    xml.open("Role").attribute("schemeIdUri", "urn:mpeg:dash:role:2011");
    xml.attribute("value", role).close("Role");
    for (Listed listed : present) {
      representation(xml, listed.rendition, listed.timeline, start, low);
    }
    xml.close("AdaptationSet");
  }

  private static String contentType(TrackFormat format) {
    return switch (format) {
      case TrackFormat.Video _ -> "video";
      case TrackFormat.Audio _ -> "audio";
      case TrackFormat.Text _ -> TEXT;
    };
  }

  private static boolean isVideo(List<RenditionView> set) {
    return !set.isEmpty() && set.getFirst().format() instanceof TrackFormat.Video;
  }

  private static int setId(List<Listed> present) {
    Listed first = present.getFirst();
    return setId(first.timeline.init().format(), first.rendition.number());
  }

  /** The same over updates, periods and codec preferences. */
  private static int setId(TrackFormat format, int number) {
    return switch (format) {
      case TrackFormat.Text _ -> FIRST_TEXT_ID + number;
      case TrackFormat.Audio _ -> number == 0 ? 0 : FIRST_FURTHER_AUDIO_ID + number - 1;
      case TrackFormat.Video video -> {
        int codec =
            switch (video.codec()) {
              case H264 -> 1;
              case AV1 -> 2;
              case HEVC -> 3;
              case VP9 -> 4;
            };
        yield codec
            + switch (video.colour().transfer()) {
              case Colour.TRANSFER_PQ -> 10;
              case Colour.TRANSFER_HLG -> 20;
              default -> 0;
            };
      }
    };
  }

  /**
   * Colour that a player would not expect: unspecified and BT.709 go without saying (DASH-IF IOP).
   * Supplemental, so that a player that does not know it shows the picture all the same.
   */
  private static void colour(Xml xml, Colour colour) {
    boolean usual =
        Stream.of(colour.primaries(), colour.transfer(), colour.matrix())
            .allMatch(code -> code == Colour.UNSPECIFIED.primaries() || code == BT_709);
    if (!usual) {
      cicp(xml, "ColourPrimaries", colour.primaries());
      cicp(xml, "TransferCharacteristics", colour.transfer());
      cicp(xml, "MatrixCoefficients", colour.matrix());
    }
  }

  /** A code point (ISO/IEC 23091-2, in the URN of ISO/IEC 23009-1). */
  private static void cicp(Xml xml, String parameter, int value) {
    xml.open("SupplementalProperty").attribute("schemeIdUri", "urn:mpeg:mpegB:cicp:" + parameter);
    xml.attribute("value", value).close("SupplementalProperty");
  }

  private void representation(
      Xml xml,
      RenditionView rendition,
      Timeline timeline,
      PeriodLog.Start start,
      @Nullable LowLatency low) {
    InitSegment init = timeline.init();
    TrackFormat format = init.format();
    xml.open("Representation").attribute("id", MediaNames.pathSegment(rendition.name()));
    xml.attribute("bandwidth", Math.max(1, rendition.bitrates().peakBps()));
    xml.attribute("codecs", format.codecs());
    switch (format) {
      case TrackFormat.Video video -> video(xml, video);
      case TrackFormat.Audio audio -> audio(xml, audio);
      case TrackFormat.Text _ -> {}
    }
    xml.open("SegmentTemplate");
    xml.attribute("timescale", init.timescale().ticksPerSecond());
    if (low != null) {
      long us = init.timescale().rescale(timeline.newestTicks(), Timescale.MICROS);
      xml.attribute("availabilityTimeOffset", decimal(low.availabilityTimeOffsetUs(us)));
      xml.attribute("availabilityTimeComplete", false);
    }
    if (start.startTicks() > 0) {
      long offsetTicks = Timescale.VIDEO.rescale(start.startTicks(), init.timescale());
      xml.attribute("presentationTimeOffset", offsetTicks);
    }
    xml.attribute("initialization", "$RepresentationID$/" + names.init(init.number()));
    xml.attribute("media", "$RepresentationID$/" + names.segmentTemplate());
    xml.open("SegmentTimeline").raw(timeline.elements()).close("SegmentTimeline");
    xml.close("SegmentTemplate");
    xml.close("Representation");
  }

  private static void video(Xml xml, TrackFormat.Video video) {
    xml.attribute("width", video.width()).attribute("height", video.height());
    Rational rate = video.frameRate();
    if (rate != null) {
      xml.attribute("frameRate", rate);
    }
    Rational aspect = video.sampleAspectRatio();
    xml.attribute("sar", aspect.numerator() + ":" + aspect.denominator());
  }

  private static void audio(Xml xml, TrackFormat.Audio audio) {
    xml.attribute("audioSamplingRate", audio.sampleRate());
    xml.open("AudioChannelConfiguration");
    xml.attribute("schemeIdUri", "urn:mpeg:mpegB:cicp:ChannelConfiguration");
    xml.attribute("value", channelConfiguration(audio)).close("AudioChannelConfiguration");
  }

  /** ISO/IEC 23091-3 §8.2: up to six channels the index is the count; 7 is 6.1, 8 is 7.1. */
  private static int channelConfiguration(TrackFormat.Audio audio) {
    return switch (audio.channels()) {
      case 7 -> 11;
      case 8 -> 12;
      default -> audio.channels();
    };
  }

  private static long us(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  /** An xs:duration in seconds, to the microsecond. */
  private static String seconds(long us) {
    return "PT" + decimal(us) + "S";
  }

  /** Decimal seconds, to the microsecond, as short as can be. */
  private static String decimal(long us) {
    long fraction = us % 1_000_000;
    if (fraction == 0) {
      return Long.toString(us / 1_000_000);
    }
    String digits = Long.toString(fraction + 1_000_000).substring(1).replaceAll("0+$", "");
    return us / 1_000_000 + "." + digits;
  }
}
