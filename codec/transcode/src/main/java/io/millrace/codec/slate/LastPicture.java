package io.millrace.codec.slate;

import io.millrace.codec.CodecException;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoDecoder;
import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the picture that a source showed last. One decoder, one thread, one use. */
final class LastPicture implements VideoDecoder.Output {
  private @Nullable DecodedFrame newest;
  private long newestPtsTicks;

  private LastPicture() {}

  /**
   * Decodes {@code gop} from its first key frame on and keeps the picture with the latest
   * presentation time.
   *
   * @param gop in decoding order, borrowed
   * @return owned by the caller, who releases it
   * @throws CodecException when nothing in it can be decoded
   */
  static DecodedFrame of(
      TrackFormat.Video format, List<TrackEvent.Sample> gop, NativeAccount account) {
    LastPicture last = new LastPicture();
    try (VideoDecoder decoder = new FfmpegVideoDecoder(format, account)) {
      boolean started = false;
      for (TrackEvent.Sample sample : gop) {
        started |= sample.key();
        if (started) {
          decoder.decode(sample, last);
        }
      }
      decoder.drain(last);
    }
    if (last.newest == null) {
      throw new CodecException("no picture in the newest " + gop.size() + " samples");
    }
    return last.newest;
  }

  @Override
  public void frame(DecodedFrame frame, long ptsTicks, long durationTicks) {
    DecodedFrame old = newest;
    if (old == null) {
      newest = frame;
      newestPtsTicks = ptsTicks;
    } else if (ptsTicks >= newestPtsTicks) {
      old.release();
      newest = frame;
      newestPtsTicks = ptsTicks;
    } else {
      frame.release();
    }
  }
}
