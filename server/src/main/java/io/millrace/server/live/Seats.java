package io.millrace.server.live;

import io.millrace.server.config.StreamPolicy.OnConflict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who may feed a stream: one publisher, or a main and a backup one. Thread-safe. */
final class Seats {
  /** A publisher that has sent nothing for so long gives its seat up to the next one. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(3);

  private record Seat(Publisher publisher, InputRole role) {}

  private final List<Seat> taken = new ArrayList<>(2);

  /**
   * Seats a publisher, in the place of another one where the rule says so.
   *
   * @return false when there is no seat for it
   */
  synchronized boolean take(Publisher publisher, OnConflict onConflict, long nowNanos) {
    InputRole role = InputRole.MAIN;
    if (onConflict == OnConflict.BACKUP) {
      role = freeOrStalled(publisher.wishes(), nowNanos);
      if (role == null) {
        return false;
      }
      remove(role);
    } else {
      for (Seat seat : taken) {
        if (onConflict == OnConflict.REJECT && !stalled(seat, nowNanos)) {
          return false;
        }
      }
      taken.clear();
    }
    taken.add(new Seat(publisher, role));
    return true;
  }

  /** The seat wished for, else a free one, else one whose publisher has stalled. */
  private @Nullable InputRole freeOrStalled(@Nullable InputRole wish, long nowNanos) {
    List<InputRole> order =
        wish == InputRole.BACKUP
            ? List.of(InputRole.BACKUP, InputRole.MAIN)
            : List.of(InputRole.MAIN, InputRole.BACKUP);
    for (InputRole role : order) {
      if (taken.stream().noneMatch(seat -> seat.role == role)) {
        return role;
      }
    }
    for (InputRole role : order) {
      if (taken.stream().anyMatch(seat -> seat.role == role && stalled(seat, nowNanos))) {
        return role;
      }
    }
    return null;
  }

  private static boolean stalled(Seat seat, long nowNanos) {
    return nowNanos - seat.publisher.lastMediaNanos() >= STALLED_NANOS;
  }

  private void remove(InputRole role) {
    taken.removeIf(seat -> seat.role == role);
  }

  /** Gives the publisher's seat up; true when all seats are free now. */
  synchronized boolean leave(Publisher publisher) {
    taken.removeIf(seat -> seat.publisher == publisher);
    return taken.isEmpty();
  }

  synchronized boolean isEmpty() {
    return taken.isEmpty();
  }

  /** Null when it has no seat, or not any more. */
  synchronized @Nullable InputRole roleOf(Publisher publisher) {
    for (Seat seat : taken) {
      if (seat.publisher == publisher) {
        return seat.role;
      }
    }
    return null;
  }

  /** Main first. */
  synchronized List<Publisher> publishers() {
    return taken.stream().sorted((a, b) -> a.role.compareTo(b.role)).map(Seat::publisher).toList();
  }
}
