package io.millrace.media;

/** Takes the events of one stream or rendition, in order, from one thread. */
@FunctionalInterface
public interface TrackSink {
  /**
   * Takes {@code event}: the callee owns it from here on and releases it, also when it throws.
   *
   * @param event never null
   */
  void accept(TrackEvent event);
}
