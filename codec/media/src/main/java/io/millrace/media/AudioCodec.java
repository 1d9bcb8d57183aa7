package io.millrace.media;

/** Audio codecs that a track may carry. */
public enum AudioCodec {
  AAC,
  OPUS,
  MP3
}
