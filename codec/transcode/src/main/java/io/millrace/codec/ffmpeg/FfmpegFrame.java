package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import io.millrace.codec.DecodedFrame;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A decoder's {@code AVFrame}, owned. */
final class FfmpegFrame implements DecodedFrame {
  private final AVFrame frame;
  private boolean released;

  /** Takes {@code frame}. */
  FfmpegFrame(AVFrame frame) {
    this.frame = frame;
  }

  /** Borrowed. */
  AVFrame frame() {
    return frame;
  }

  @Override
  public int width() {
    return frame.width();
  }

  @Override
  public int height() {
    return frame.height();
  }

  @Override
  public void release() {
    if (!released) {
      released = true;
      av_frame_free(frame);
    }
  }
}
