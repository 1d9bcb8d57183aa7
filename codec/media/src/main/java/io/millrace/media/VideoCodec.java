package io.millrace.media;

/**
 * Video codecs that a track may carry. Only those with a sample entry in the packager are ever
 * published.
 */
public enum VideoCodec {
  H264,
  HEVC,
  AV1,
  VP9
}
