package io.millrace.packager.dash;

import io.millrace.media.Timescale;
import io.millrace.media.caption.CaptionServices;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.packager.cue.CueSnapshot;
import io.millrace.packager.cue.CueSnapshot.Event;
import io.millrace.packager.window.PeriodLog;
import java.util.stream.Collectors;

/**
 * What a manifest says beside the media: events, and captions inside the video.
 *
 * @param captions of every video rendition
 */
public record SideData(CueSnapshot cues, CaptionServices captions) {
  public static final SideData NONE = new SideData(CueSnapshot.NONE, CaptionServices.NONE);

  /** A splice_info_section in base64, as SCTE 214-1 §6.8.4 has it in XML. */
  private static final String SPLICES = "urn:scte:scte35:2014:xml+bin";

  private static final String SPLICES_NAMESPACE = "http://www.scte.org/schemas/35/2016";
  private static final String CEA_608 = "urn:scte:dash:cc:cea-608:2015";
  private static final String CEA_708 = "urn:scte:dash:cc:cea-708:2015";

  /** ISO 639-2, undetermined: captions do not say their language. */
  private static final String UNDETERMINED = "und";

  /**
   * The events of a period (ISO/IEC 23009-1 §5.10.2): those that begin in it. Of the first period
   * also those before it, of the last one those behind.
   *
   * @param fromTicks -1 for the first period that is listed
   * @param toTicks exclusive; {@link Long#MAX_VALUE} for the last
   */
  void events(Xml xml, PeriodLog.Start period, long fromTicks, long toTicks) {
    boolean open = false;
    for (Event event : cues.events()) {
      if (event.startTicks() < fromTicks || event.startTicks() >= toTicks) {
        continue;
      }
      if (!open) {
        xml.open("EventStream").attribute("schemeIdUri", SPLICES);
        xml.attribute("timescale", Timescale.VIDEO.ticksPerSecond());
        if (period.startTicks() > 0) {
          xml.attribute("presentationTimeOffset", period.startTicks());
        }
        open = true;
      }
      xml.open("Event").attribute("presentationTime", event.startTicks());
      if (event.durationTicks() >= 0) {
        xml.attribute("duration", event.durationTicks());
      }
      xml.attribute("id", event.number());
      xml.open("Signal").attribute("xmlns", SPLICES_NAMESPACE);
      xml.text("Binary", event.base64());
      xml.close("Signal").close("Event");
    }
    if (open) {
      xml.close("EventStream");
    }
  }

  /** Events inside the media of an adaptation set that has them (§5.10.3.2). */
  void inband(Xml xml) {
    if (cues.timedId3()) {
      xml.open("InbandEventStream").attribute("schemeIdUri", CueSchemes.ID3);
      xml.close("InbandEventStream");
    }
  }

  /** Captions of a video adaptation set (SCTE 214-1 §7.2). */
  void captions(Xml xml) {
    if (!captions.channels().isEmpty()) {
      accessibility(
          xml,
          CEA_608,
          captions.channels().stream()
              .map(channel -> "CC" + channel + "=" + UNDETERMINED)
              .collect(Collectors.joining(";")));
    }
    if (!captions.services().isEmpty()) {
      accessibility(
          xml,
          CEA_708,
          captions.services().stream()
              .map(service -> service + "=lang:" + UNDETERMINED)
              .collect(Collectors.joining(";")));
    }
  }

  private static void accessibility(Xml xml, String scheme, String value) {
    xml.open("Accessibility").attribute("schemeIdUri", scheme);
    xml.attribute("value", value).close("Accessibility");
  }
}
