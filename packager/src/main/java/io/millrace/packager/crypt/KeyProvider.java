package io.millrace.packager.crypt;

import org.jspecify.annotations.Nullable;

/**
 * Where a stream's keys come from. Crypto periods are numbered; a number always has the same key,
 * over renditions, reconnects and restarts. Thread-safe; never blocks.
 */
public interface KeyProvider {
  /** The key of a period; null where it is not there (yet). */
  @Nullable ContentKey find(long period);

  /** Announces that a period is needed soon. */
  void prepare(long period);
}
