package io.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What viewers get when a stream has no signal.
 *
 * @param after an input that has sent nothing for so long is lost; one that has gone is at once
 * @param hold how long the last picture stands
 * @param then what comes behind it
 * @param image the operator's slate; null: the built-in one
 * @param endAfter the stream ends when it has had no publisher for so long
 */
public record SignalLoss(
    Duration after, Duration hold, Then then, @Nullable Path image, Duration endAfter) {
  /** What follows the last picture. */
  public enum Then {
    SLATE,
    FREEZE,
    BLACK
  }
}
