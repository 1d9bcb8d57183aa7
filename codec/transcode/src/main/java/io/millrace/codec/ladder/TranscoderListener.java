package io.millrace.codec.ladder;

/** Told of what goes wrong, and of nothing else. Called on the transcoder's threads; quick. */
public interface TranscoderListener {
  /**
   * A rung ended for good: its sink has had its End. The others go on.
   *
   * @param rung the rung's name, or {@code audio}
   */
  void rungFailed(String rung, Throwable cause);

  /**
   * Nothing can be decoded any more; every rung has had its End. Samples are taken and released
   * unused until the source's format changes.
   */
  void sourceFailed(Throwable cause);
}
