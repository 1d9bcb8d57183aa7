package io.millrace.packager;

/** Which video codecs a viewer asked for, and in which order. */
public enum CodecPreference {
  /** H.264 first, then AV1. */
  DEFAULT,
  /** AV1 first, then H.264. */
  AV1_FIRST,
  /** Without AV1. */
  H264_ONLY
}
