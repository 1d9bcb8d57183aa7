package io.millrace.server.live;

import io.millrace.codec.ladder.Ladder;
import io.millrace.server.config.Failover;
import io.millrace.server.config.PushTarget;
import io.millrace.server.config.SignalLoss;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.millrace.server.config.Subtitles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says about one stream.
 *
 * @param onConflict what a second publisher of the same name meets
 * @param failover when to change between two inputs
 * @param signalLoss what is shown without a signal; null: nothing
 * @param grace how long the stream waits for a publisher that has gone before it ends
 * @param segment target duration of a segment
 * @param part target duration of a part of a segment; zero: there are none
 * @param window what playlists list at least
 * @param dvr how much of the stream is kept on disk and listed; zero: nothing
 * @param passthrough name of the rendition that carries the publisher's own video, empty when there
 *     is none
 * @param ladder the encoded renditions, may be empty
 * @param watched those of them that are encoded only while somebody watches
 * @param shedding those that are given up under overload
 * @param startBehind how far behind the live edge HLS players begin; zero: where they choose
 * @param subtitles its text tracks
 * @param push where it is sent on to
 */
public record StreamSettings(
    OnConflict onConflict,
    Failover failover,
    @Nullable SignalLoss signalLoss,
    Duration grace,
    Duration segment,
    Duration part,
    Duration window,
    Duration dvr,
    String passthrough,
    Ladder ladder,
    Watched watched,
    Shedding shedding,
    Duration startBehind,
    Subtitles subtitles,
    List<PushTarget> push) {

  public StreamSettings {
    push = List.copyOf(push);
  }

  /** Without anything on disk, text tracks and pushes, and players begin where they choose. */
  public StreamSettings(
      OnConflict onConflict,
      Failover failover,
      @Nullable SignalLoss signalLoss,
      Duration grace,
      Duration segment,
      Duration part,
      Duration window,
      String passthrough,
      Ladder ladder) {
    this(
        onConflict,
        failover,
        signalLoss,
        grace,
        segment,
        part,
        window,
        Duration.ZERO,
        passthrough,
        ladder,
        Watched.NONE,
        Shedding.NONE,
        Duration.ZERO,
        Subtitles.NONE,
        List.of());
  }

  /** What may be another one while the stream is live. */
  public LadderSettings renditions() {
    return new LadderSettings(passthrough, ladder, watched, shedding);
  }

  /** These, with what a live stream can follow of {@code newer}. */
  StreamSettings following(StreamSettings newer) {
    return new StreamSettings(
        newer.onConflict,
        failover,
        signalLoss,
        newer.grace,
        segment,
        part,
        window,
        dvr,
        newer.passthrough,
        newer.ladder,
        newer.watched,
        newer.shedding,
        startBehind,
        subtitles,
        newer.push);
  }

  /** Keys of what differs and cannot be followed by a live stream. */
  List<String> fixedUnlike(StreamSettings newer) {
    List<String> keys = new ArrayList<>();
    note(keys, "failover", failover, newer.failover);
    note(keys, "on_signal_loss", signalLoss, newer.signalLoss);
    note(keys, "segment", segment, newer.segment);
    note(keys, "part", part, newer.part);
    note(keys, "window", window, newer.window);
    note(keys, "dvr", dvr, newer.dvr);
    note(keys, "start_behind", startBehind, newer.startBehind);
    note(keys, "subtitles", subtitles, newer.subtitles);
    return keys;
  }

  private static void note(
      List<String> keys, String key, @Nullable Object one, @Nullable Object other) {
    if (!Objects.equals(one, other)) {
      keys.add(key);
    }
  }

  /** What playlists list. */
  public Duration listed() {
    return dvr.compareTo(window) > 0 ? dvr : window;
  }
}
