package io.millrace.media.mpegts;

import org.jspecify.annotations.Nullable;

/**
 * One elementary stream of a program, as its map describes it.
 *
 * @param streamType stream_type (ISO/IEC 13818-1 Table 2-34)
 * @param name of the codec or the data, for people: {@code H.264}, {@code AC-3}
 * @param language ISO 639-2 code of three letters; null when not said
 * @param opusChannelConfiguration channel_config_code of Opus in TS; 0 for other kinds
 */
public record ElementaryStream(
    int pid,
    int streamType,
    StreamKind kind,
    String name,
    @Nullable String language,
    int opusChannelConfiguration) {

  @Override
  public String toString() {
    return name + " (PID " + pid + (language == null ? "" : ", " + language) + ")";
  }
}
