package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_ERROR;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.javacpp.BytePointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FFmpeg's error messages as log events, at most one a second: damaged input makes one per
 * macroblock row. Called on whatever thread FFmpeg is running on.
 */
final class FfmpegLog extends LogCallback {
  private static final Logger LOG = LoggerFactory.getLogger(FfmpegLog.class);
  private static final long INTERVAL_NS = 1_000_000_000L;

  private final AtomicLong nextNs = new AtomicLong(System.nanoTime());
  private final AtomicLong suppressed = new AtomicLong();

  @Override
  public void call(int level, BytePointer message) {
    if (level > AV_LOG_ERROR) {
      return;
    }
    long nowNs = System.nanoTime();
    long dueNs = nextNs.get();
    if (nowNs - dueNs < 0 || !nextNs.compareAndSet(dueNs, nowNs + INTERVAL_NS)) {
      suppressed.incrementAndGet();
      return;
    }
    LOG.atDebug()
        .addKeyValue("message", message.getString().strip())
        .addKeyValue("suppressed", suppressed.getAndSet(0))
        .log("ffmpeg reports");
  }
}
