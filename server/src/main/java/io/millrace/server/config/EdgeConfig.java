package io.millrace.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server in the edge role.
 *
 * @param origins where streams come from; at least one
 * @param authorities PEM certificates that origins are known by; null for those of the platform
 * @param pins SHA-256 of the origins' certificates; unless empty, only these are trusted
 * @param memoryBytes for what is kept and what is being fetched
 * @param stale how long playlists are shown while no origin answers
 * @param diskFolder for media that has no room in memory; null for none
 * @param diskBytes of all that is in it
 */
public record EdgeConfig(
    List<URI> origins,
    @Nullable Path authorities,
    List<String> pins,
    long memoryBytes,
    Duration stale,
    @Nullable Path diskFolder,
    long diskBytes) {
  public EdgeConfig {
    origins = List.copyOf(origins);
    pins = List.copyOf(pins);
  }
}
