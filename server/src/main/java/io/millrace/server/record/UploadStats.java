package io.millrace.server.record;

/**
 * Counters of all uploads.
 *
 * @param pending recordings that have not been sent yet
 * @param sent recordings sent
 * @param bytes of objects sent
 * @param errors attempts that failed
 */
public record UploadStats(long pending, long sent, long bytes, long errors) {}
