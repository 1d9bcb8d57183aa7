package io.millrace.codec.ladder;

import io.millrace.codec.VideoEncoders;
import io.millrace.codec.quality.QualitySampling;
import org.jspecify.annotations.Nullable;

/** Opens ladders: the seam where it is chosen in which process codecs run. */
@FunctionalInterface
public interface LadderEngines {
  /**
   * Opens the ladder of a stream, on the thread that will feed it.
   *
   * @param streamName for logs and names of threads; no secrets in it
   * @param sinks asked before this returns
   * @return owned by the caller, who closes it
   */
  LadderEngine open(
      String streamName, LadderPlan plan, RungSinks sinks, TranscoderListener listener);

  /** In this process. */
  static LadderEngines inProcess(VideoEncoders encoders) {
    return inProcess(encoders, null);
  }

  /**
   * In this process.
   *
   * @param quality how rungs with a quality target are looked at; null: they are not
   */
  static LadderEngines inProcess(VideoEncoders encoders, @Nullable QualitySampling quality) {
    TranscoderSettings settings = TranscoderSettings.LIVE.with(quality);
    return (streamName, plan, sinks, listener) ->
        new Transcoder(streamName, plan, sinks, encoders, settings, listener);
  }
}
