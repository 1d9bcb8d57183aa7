package io.millrace.media.mpegts;

/** The schemes of {@link io.millrace.media.TrackEvent.Cue} that transport streams carry. */
public final class CueSchemes {
  /** A whole splice_info_section (SCTE 214-3). */
  public static final String SCTE35 = "urn:scte:scte35:2013:bin";

  /** An ID3v2 tag (AOM, Carriage of ID3 timed metadata in CMAF). */
  public static final String ID3 = "https://aomedia.org/emsg/ID3";

  private CueSchemes() {}
}
