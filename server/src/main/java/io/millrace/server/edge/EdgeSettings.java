package io.millrace.server.edge;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * @param memoryBytes for what is kept, what is on its way and what waits to be written to disk,
 *     together
 * @param stale how long playlists are shown beyond their time while no origin answers, and media
 *     that is not there is tried again, counted from the failure: nothing else can take its place
 * @param holdReload how long a reload is tried again before it is answered with what was kept, and
 *     a playlist of which nothing was kept: players give up soon after
 * @param retry between two tries
 * @param disk for media that has no room in memory; null for none
 */
public record EdgeSettings(
    long memoryBytes, Duration stale, Duration holdReload, Duration retry, @Nullable Disk disk) {
  /**
   * @param folder made if it is missing; this server's alone
   * @param maxBytes of all files in it
   */
  public record Disk(Path folder, long maxBytes) {}

  /** With the usual patience. */
  public static EdgeSettings of(long memoryBytes, Duration stale, @Nullable Disk disk) {
    return new EdgeSettings(
        memoryBytes, stale, Duration.ofSeconds(4), Duration.ofMillis(250), disk);
  }

  /** How long a request for it is tried again. */
  Duration patience(ObjectKey key) {
    return switch (key.kind()) {
      case MEDIA -> stale;
      case LIST -> holdReload;
    };
  }

  /** What is kept takes three quarters; with a disk an eighth less. */
  long keptBytes() {
    return memoryBytes / 4 * 3 - writingBytes();
  }

  /** What is on its way takes a quarter. */
  long arrivingBytes() {
    return memoryBytes / 4;
  }

  /** What waits to be written to disk. */
  long writingBytes() {
    return disk == null ? 0 : memoryBytes / 8;
  }

  /** In an index of what is on disk: about 120 bytes each, a sixteenth more. */
  int diskObjects() {
    return Math.clamp(memoryBytes / 2_048, 1_000, 2_000_000);
  }

  /** Larger objects pass through and are not kept, so that one cannot push out all others. */
  long largestKeptBytes() {
    return memoryBytes / 16;
  }
}
