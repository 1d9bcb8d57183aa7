package io.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is recorded.
 *
 * @param to directory for recordings; may not exist yet
 * @param maxDuration a recording that lasts so long is followed by another one
 * @param maxBytes so is one that has grown so large
 * @param upload where finished ones are sent; null: nowhere
 */
public record RecordPolicy(
    Path to, Format format, Duration maxDuration, long maxBytes, @Nullable UploadPolicy upload) {

  /** What a recording is. */
  public enum Format {
    /** One fragmented MP4 with all tracks. */
    FMP4,
    /** A folder with playlists and segments. */
    HLS
  }
}
