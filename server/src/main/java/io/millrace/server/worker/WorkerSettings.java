package io.millrace.server.worker;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How workers are run.
 *
 * @param maxRssBytes a worker that takes more memory is ended
 * @param nice added to the server's own niceness; 0: none
 * @param hangAfter a worker that does not use what it is given for so long is ended
 * @param quickEnds so many ends in a row within seconds of a start pause the ladder
 * @param cgroup a directory of cgroup v2 that workers get groups of their own in; null without
 * @param svtAv1Library an SVT-AV1 library that the operator named; null without
 * @param vmafProgram that rungs with a quality target are compared by; null without
 */
public record WorkerSettings(
    long maxRssBytes,
    int nice,
    Duration hangAfter,
    int quickEnds,
    @Nullable Path cgroup,
    @Nullable Path svtAv1Library,
    @Nullable Path vmafProgram) {

  /** The same without groups. */
  WorkerSettings withoutGroups() {
    return new WorkerSettings(
        maxRssBytes, nice, hangAfter, quickEnds, null, svtAv1Library, vmafProgram);
  }

  /** What each worker is told of this machine. */
  MachinePaths paths() {
    return new MachinePaths(text(svtAv1Library), text(vmafProgram));
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toAbsolutePath().toString();
  }

  /** Things that the operator named, as {@code Message.Open} has them. */
  record MachinePaths(@Nullable String svtAv1Library, @Nullable String vmafProgram) {
    static final MachinePaths NONE = new MachinePaths(null, null);
  }
}
