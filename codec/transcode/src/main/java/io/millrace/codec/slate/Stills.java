package io.millrace.codec.slate;

import io.millrace.codec.CodecException;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.ffmpeg.FfmpegStillEncoder;
import io.millrace.codec.ffmpeg.StillPicture;
import io.millrace.codec.ffmpeg.StillSettings;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.List;
import java.util.function.Function;

/**
 * Makes stills. Every call blocks for some tenths of a second to seconds of CPU time and belongs on
 * a worker thread; afterwards a still costs nothing. Thread-safe; all native memory is freed before
 * a call returns.
 */
public final class Stills {
  private Stills() {}

  /**
   * The last picture of a source, in presentation order.
   *
   * @param gop the newest samples in decoding order, borrowed; what lies before the first key frame
   *     is not used
   * @param account where native memory is counted
   */
  public static StillResult lastPicture(
      TrackFormat.Video source, List<TrackEvent.Sample> gop, NativeAccount account) {
    return make(
        source,
        account,
        settings -> {
          DecodedFrame frame = LastPicture.of(source, gop, account);
          try {
            return StillPicture.of(frame, settings, account);
          } finally {
            frame.release();
          }
        });
  }

  /**
   * A slate in the form of a source, letterboxed and upright.
   *
   * @param account where native memory is counted
   */
  public static StillResult slate(TrackFormat.Video source, Slate slate, NativeAccount account) {
    return make(
        source,
        account,
        settings -> {
          Canvas coded = SlateDrawing.draw(slate, source).turnedBack(source.rotation());
          return StillPicture.of(Samples.of(coded, settings), settings, account);
        });
  }

  private static StillResult make(
      TrackFormat.Video source,
      NativeAccount account,
      Function<StillSettings, StillPicture> painter) {
    try {
      StillSettings settings = SourceForm.settings(source);
      try (StillPicture picture = painter.apply(settings);
          StillPicture asShown = asShown(picture, source, settings, account)) {
        return new StillResult.Ready(still(source, settings, picture, asShown, account));
      }
    } catch (CodecException | MediaFormatException | IllegalArgumentException e) {
      return new StillResult.Unavailable(String.valueOf(e.getMessage()));
    }
  }

  private static Still still(
      TrackFormat.Video source,
      StillSettings settings,
      StillPicture key,
      StillPicture others,
      NativeAccount account) {
    return StillForm.still(
        source, settings, FfmpegStillEncoder.encode(key, others, settings, account));
  }

  /**
   * What a viewer sees of the key frame. The other pictures repeat this, not the original: an
   * encoder would go on refining it, only to fall back with the next key frame, once a second.
   */
  private static StillPicture asShown(
      StillPicture picture,
      TrackFormat.Video source,
      StillSettings settings,
      NativeAccount account) {
    Still trial = still(source, settings.withFrames(2), picture, picture, account);
    List<TrackEvent.Sample> key = List.of(trial.sample(TrackEvent.VIDEO_TRACK, 0, 0));
    DecodedFrame frame = LastPicture.of(trial.format(), key, account);
    try {
      return StillPicture.of(frame, settings, account);
    } finally {
      frame.release();
    }
  }
}
