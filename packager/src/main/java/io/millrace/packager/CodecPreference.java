package io.millrace.packager;

/** Which video codecs a viewer asked for, and in which order. */
public enum CodecPreference {
  /** H.264 first, AV1 last. */
  DEFAULT,
  /** AV1 first, then H.264, then the rest. */
  AV1_FIRST,
  /** H.264 alone; where there is none, what a viewer without AV1 may be able to play. */
  H264_ONLY
}
