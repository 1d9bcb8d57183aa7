package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.StreamPolicy.OnConflict;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeatsTest {
  private static final long NOW = TimeUnit.MINUTES.toNanos(5);

  private final Seats seats = new Seats();
  private final Publisher first = new Sitter(null, NOW);
  private final Publisher second = new Sitter(null, NOW);
  private final Publisher third = new Sitter(null, NOW);

  private static final class Sitter extends PublisherStub {
    private final @Nullable InputRole wish;
    private final long lastMediaNanos;

    Sitter(@Nullable InputRole wish, long lastMediaNanos) {
      super("id");
      this.wish = wish;
      this.lastMediaNanos = lastMediaNanos;
    }

    @Override
    public @Nullable InputRole wishes() {
      return wish;
    }

    @Override
    public long lastMediaNanos() {
      return lastMediaNanos;
    }
  }

  @Test
  void theSecondIsTheBackupAndTheThirdHasToGo() {
    assertThat(seats.take(first, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(second, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(third, OnConflict.BACKUP, NOW)).isFalse();
    assertThat(seats.roleOf(first)).isEqualTo(InputRole.MAIN);
    assertThat(seats.roleOf(second)).isEqualTo(InputRole.BACKUP);
    assertThat(seats.publishers()).containsExactly(first, second);
  }

  @Test
  void aWishIsGrantedWhereTheSeatIsFree() {
    Publisher backup = new Sitter(InputRole.BACKUP, NOW);
    assertThat(seats.take(backup, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(first, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.roleOf(backup)).isEqualTo(InputRole.BACKUP);
    assertThat(seats.roleOf(first)).isEqualTo(InputRole.MAIN);
  }

  @Test
  void theReturnerGetsTheSeatThatWasLeft() {
    assertThat(seats.take(first, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(second, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.leave(first)).isFalse();
    assertThat(seats.take(third, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.roleOf(third)).isEqualTo(InputRole.MAIN);
  }

  @Test
  void whoHasStalledGivesTheSeatUp() {
    Publisher stalled = new Sitter(null, NOW - TimeUnit.SECONDS.toNanos(3));
    assertThat(seats.take(first, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(stalled, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(third, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.roleOf(stalled)).isNull();
    assertThat(seats.roleOf(third)).isEqualTo(InputRole.BACKUP);
  }

  @Test
  void takeoverEmptiesAllSeats() {
    assertThat(seats.take(first, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(second, OnConflict.BACKUP, NOW)).isTrue();
    assertThat(seats.take(third, OnConflict.TAKEOVER, NOW)).isTrue();
    assertThat(seats.publishers()).containsExactly(third);
    assertThat(seats.leave(first)).isFalse();
    assertThat(seats.leave(third)).isTrue();
  }
}
