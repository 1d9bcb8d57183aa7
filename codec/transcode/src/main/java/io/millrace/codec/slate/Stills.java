package io.millrace.codec.slate;

import io.millrace.codec.NativeAccount;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.List;

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
    return new StillResult.Unavailable("no encoder for " + source.codec());
  }

  /**
   * A slate in the form of a source, letterboxed and upright.
   *
   * @param account where native memory is counted
   */
  public static StillResult slate(TrackFormat.Video source, Slate slate, NativeAccount account) {
    return new StillResult.Unavailable("no encoder for " + source.codec());
  }
}
