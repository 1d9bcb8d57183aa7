package io.millrace.codec.monitor;

import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoDecoder;
import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.codec.ffmpeg.FrameLuma;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Decodes key frames of one format and compares each with the one before. One thread. */
final class PictureWatch implements AutoCloseable {
  /** More rows than this say nothing more: of larger pictures every n-th is looked at. */
  private static final int ROWS = 540;

  private final VideoDecoder decoder;
  private final boolean fullRange;
  private final int rowStep;
  private final Spell frozen = new Spell();
  private final Spell black = new Spell();
  private @Nullable FrameLuma previous;
  private long previousTicks;

  /**
   * @throws io.millrace.codec.CodecException when there is no decoder for the format
   */
  PictureWatch(TrackFormat.Video format, NativeAccount account) {
    this.decoder = new FfmpegVideoDecoder(format, account);
    this.fullRange = format.colour().fullRange();
    this.rowStep = Math.max(1, format.height() / ROWS);
  }

  /** Borrows {@code sample}, a key frame; one that does not decode changes nothing. */
  void keyFrame(TrackEvent.Sample sample) {
    if (!decoder.decode(sample, this::picture)) {
      decoder.reset();
      return;
    }
    decoder.drain(this::picture);
  }

  private void picture(DecodedFrame frame, long ptsTicks, long durationTicks) {
    FrameLuma now;
    try {
      now = FrameLuma.of(frame, rowStep);
    } finally {
      frame.release();
    }
    FrameLuma before = previous;
    if (before != null && PictureJudge.same(before, now)) {
      frozen.holds(previousTicks, ptsTicks, Timescale.VIDEO);
    } else {
      frozen.ends();
    }
    if (PictureJudge.black(now, fullRange)) {
      black.holds(ptsTicks, ptsTicks, Timescale.VIDEO);
    } else {
      black.ends();
    }
    previous = now;
    previousTicks = ptsTicks;
  }

  Duration frozen() {
    return frozen.lasted();
  }

  Duration black() {
    return black.lasted();
  }

  @Override
  public void close() {
    decoder.close();
  }
}
