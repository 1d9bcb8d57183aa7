package io.millrace.packager;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Settings of one {@link Presentation}.
 *
 * @param name of the stream, for people
 * @param instance letters and digits that make every media URL of this presentation unlike those of
 *     an earlier one with the same name, so that they may be cached for ever; empty: derived from
 *     the clock
 * @param targetSegment nominal segment duration
 * @param window how much media the playlists list; as much again stays served
 * @param readyDeadlineSegments master and manifest come out when some rendition has this many
 *     segments, even if an expected rendition has none
 * @param maxSegment a segment that grows longer is given up
 * @param maxSegmentBytes a segment that grows larger is given up
 * @param startBehind how far behind the live edge HLS players begin; zero: where they choose
 */
public record PresentationSettings(
    String name,
    String instance,
    Duration targetSegment,
    Duration window,
    int readyDeadlineSegments,
    Duration maxSegment,
    int maxSegmentBytes,
    Duration startBehind) {

  /** 2 s segments, 30 s listed, segments of at most 30 s and 64 MiB. */
  public static PresentationSettings of(String name) {
    return new PresentationSettings(
        name,
        "",
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        3,
        Duration.ofSeconds(30),
        64 << 20,
        Duration.ZERO);
  }

  /**
   * @throws IllegalArgumentException where a value is out of range
   */
  public PresentationSettings {
    requireNonNull(name);
    check(instance.matches("[0-9A-Za-z]{0,32}"), "instance: at most 32 letters and digits");
    check(targetSegment.isPositive(), "targetSegment: positive");
    check(window.compareTo(targetSegment) >= 0, "window: at least one segment");
    check(readyDeadlineSegments > 0, "readyDeadlineSegments: positive");
    check(maxSegment.compareTo(targetSegment) >= 0, "maxSegment: at least targetSegment");
    check(maxSegment.compareTo(Duration.ofHours(1)) <= 0, "maxSegment: at most 1 h");
    check(maxSegmentBytes > 0, "maxSegmentBytes: positive");
    check(!startBehind.isNegative(), "startBehind: not negative");
  }

  public PresentationSettings withTargetSegment(Duration value) {
    return new PresentationSettings(
        name,
        instance,
        value,
        window,
        readyDeadlineSegments,
        maxSegment,
        maxSegmentBytes,
        startBehind);
  }

  public PresentationSettings withWindow(Duration value) {
    return new PresentationSettings(
        name,
        instance,
        targetSegment,
        value,
        readyDeadlineSegments,
        maxSegment,
        maxSegmentBytes,
        startBehind);
  }

  public PresentationSettings withInstance(String value) {
    return new PresentationSettings(
        name,
        value,
        targetSegment,
        window,
        readyDeadlineSegments,
        maxSegment,
        maxSegmentBytes,
        startBehind);
  }

  public PresentationSettings withLimits(Duration maxDuration, int maxBytes) {
    return new PresentationSettings(
        name,
        instance,
        targetSegment,
        window,
        readyDeadlineSegments,
        maxDuration,
        maxBytes,
        startBehind);
  }

  public PresentationSettings withStartBehind(Duration value) {
    return new PresentationSettings(
        name,
        instance,
        targetSegment,
        window,
        readyDeadlineSegments,
        maxSegment,
        maxSegmentBytes,
        value);
  }

  private static void check(boolean ok, String rule) {
    if (!ok) {
      throw new IllegalArgumentException(rule);
    }
  }
}
