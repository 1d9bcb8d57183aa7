package io.millrace.server.record;

import java.time.Duration;

/**
 * How uploads are done.
 *
 * @param atOnce recordings on their way at the same time
 * @param partBytes of a multipart upload, which files that are larger are sent by; S3 wants 5 MiB
 *     at least, and no more than 10 000 parts, so parts grow with the file
 * @param firstRetry after a failure; doubled with each more, and spread by chance
 * @param lastRetry no retry waits longer
 */
record UploadSettings(int atOnce, long partBytes, Duration firstRetry, Duration lastRetry) {
  static final UploadSettings DEFAULTS =
      new UploadSettings(2, 16L << 20, Duration.ofSeconds(2), Duration.ofMinutes(5));

  private static final int MAX_PARTS = 10_000;

  long partBytes(long fileBytes) {
    return Math.max(partBytes, Math.ceilDiv(fileBytes, MAX_PARTS));
  }
}
