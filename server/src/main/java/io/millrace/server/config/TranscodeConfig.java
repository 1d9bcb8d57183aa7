package io.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How streams are decoded and encoded.
 *
 * @param memoryBytes what a worker may take
 * @param nice how much workers stand back behind the server
 * @param hangAfter when a worker counts as hanging
 * @param maxFailures quick ends in a row that pause a ladder
 * @param cgroup where workers get groups of their own; null without
 * @param vmaf libvmaf's program, that rungs with a quality target are compared by; null without
 */
public record TranscodeConfig(
    Isolation isolation,
    long memoryBytes,
    int nice,
    Duration hangAfter,
    int maxFailures,
    @Nullable Path cgroup,
    @Nullable Path vmaf) {

  /** In which process. */
  public enum Isolation {
    /** One for each stream. */
    PROCESS,
    /** The server's. */
    NONE
  }
}
