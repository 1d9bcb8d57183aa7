package io.millrace.media.mpegts;

/** What an elementary stream is to Millrace. */
public enum StreamKind {
  H264(Use.VIDEO),
  HEVC(Use.VIDEO),
  /** AAC in ADTS frames. */
  AAC_ADTS(Use.AUDIO),
  /** AAC in LOAS: AudioSyncStream with StreamMuxConfig. */
  AAC_LATM(Use.AUDIO),
  /** MPEG-1 or MPEG-2 audio of any layer: only the frames tell which. */
  MPEG_AUDIO(Use.AUDIO),
  OPUS(Use.AUDIO),
  /** splice_info_sections of SCTE 35. */
  SCTE35(Use.CUES),
  /** ID3 tags with presentation times. */
  TIMED_ID3(Use.CUES),
  /** Sound or picture that is not taken; the stream says of what kind. */
  UNSUPPORTED(Use.NONE),
  /** Neither sound nor picture, or unknown. */
  OTHER(Use.NONE);

  /** What a kind is good for. */
  public enum Use {
    VIDEO,
    AUDIO,
    CUES,
    NONE
  }

  private final Use use;

  StreamKind(Use use) {
    this.use = use;
  }

  public Use use() {
    return use;
  }
}
