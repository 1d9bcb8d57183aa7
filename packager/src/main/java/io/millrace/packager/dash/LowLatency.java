package io.millrace.packager.dash;

import io.millrace.media.Timescale;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What a manifest says where segments may be fetched while they grow (ISO/IEC 23009-1 §5.3.9.5.3,
 * §K.3; DASH-IF IOP part 5 "low latency").
 *
 * @param partTargetUs no chunk of any representation is longer
 */
record LowLatency(long partTargetUs) {
  private static final String SCOPE = "urn:dvb:dash:lowlatency:scope:2019";
  private static final int REFERENCE_ID = 0;

  /** Chunks between the live edge and where players should be; as much again is tolerable. */
  private static final int TARGET_CHUNKS = 5;

  /**
   * dash.js looks for new segments once a second, however short the update period; then there is
   * the request, for which half a chunk has to do.
   */
  private static final long LOOK_US = 1_000_000;

  private static final int MIN_CHUNKS = 3;
  private static final int MAX_CHUNKS = 15;

  /** A growing segment is announced when it opens, so players have to look that often. */
  private static final int UPDATE_CHUNKS = 2;

  /**
   * Of real time, in hundredths: what is hardly heard, as browsers keep the pitch. dash.js does
   * nothing below a change of two hundredths, which it makes a tenth of a second off its target for
   * these, and a quarter for half of them.
   */
  private static final int SLOWEST = 92;

  private static final int FASTEST = 108;

  long updateUs() {
    return UPDATE_CHUNKS * partTargetUs;
  }

  long delayUs() {
    return TARGET_CHUNKS * partTargetUs;
  }

  /** §K.3: the latency to aim at, and how much faster or slower a player may play for it. */
  void serviceDescription(Xml xml) {
    xml.open("ServiceDescription").attribute("id", 0);
    xml.open("Scope").attribute("schemeIdUri", SCOPE).close("Scope");
    xml.open("Latency").attribute("referenceId", REFERENCE_ID);
    long targetUs = Math.max(TARGET_CHUNKS * partTargetUs, LOOK_US + partTargetUs / 2);
    xml.attribute("target", Math.ceilDiv(targetUs, 1000));
    xml.attribute("min", millis(MIN_CHUNKS)).attribute("max", millis(MAX_CHUNKS));
    xml.close("Latency");
    xml.open("PlaybackRate").attribute("min", hundredths(SLOWEST));
    xml.attribute("max", hundredths(FASTEST)).close("PlaybackRate");
    xml.close("ServiceDescription");
  }

  private long millis(int chunks) {
    return Math.ceilDiv(chunks * partTargetUs, 1000);
  }

  private static String hundredths(int value) {
    return value / 100 + "." + Integer.toString(value % 100 + 100).substring(1);
  }

  /**
   * §5.12: media and wall clock; chunks say the same in their {@code prft}.
   *
   * @param mediaTicks some instant in the media's timescale
   */
  void producerReferenceTime(
      Xml xml, Instant epoch, long mediaTicks, Timescale timescale, String utcSource) {
    long us = timescale.rescale(mediaTicks, Timescale.MICROS);
    xml.open("ProducerReferenceTime").attribute("id", REFERENCE_ID);
    xml.attribute("inband", true).attribute("type", "encoder");
    xml.attribute("wallClockTime", epoch.plus(us, ChronoUnit.MICROS));
    xml.attribute("presentationTime", mediaTicks);
    Manifest.utcTiming(xml, utcSource);
    xml.close("ProducerReferenceTime");
  }

  /**
   * A segment may be fetched when its first chunk is there: so much before its end.
   *
   * @param segmentUs how long the newest segment is or will be
   */
  long availabilityTimeOffsetUs(long segmentUs) {
    return Math.max(0, segmentUs - partTargetUs);
  }
}
