package io.millrace.media.timeline;

/**
 * When a video sample is decoded and shown, in {@link io.millrace.media.Timescale#VIDEO} ticks
 * since the stream's epoch.
 *
 * @param dtsTicks strictly increasing from sample to sample
 * @param ptsTicks may lie before {@code dtsTicks} where the sender's does
 */
public record VideoStamp(long dtsTicks, long ptsTicks) {}
