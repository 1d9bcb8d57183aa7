/**
 * SRT over a lossy link and under load, beside libsrt in the same run: {@code loadtest/run srt}.
 *
 * <pre>
 *                  ┌─► sender ─► LossyRelay ─► Millrace ─────────► ArrivalCounter
 *   PayloadFeed ───┤
 *                  └─► sender ─► LossyRelay ─► srt-live-transmit ─► ArrivalCounter
 * </pre>
 */
@NullMarked
package io.millrace.loadtest.srt;

import org.jspecify.annotations.NullMarked;
