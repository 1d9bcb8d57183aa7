package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TicketKeysTest {
  @TempDir Path folder;

  private static List<String> names(TicketKeys keys) {
    return Arrays.stream(keys.newestFirst()).map(key -> Arrays.toString(key.name())).toList();
  }

  /** The part of the names that a file keeps. */
  private static List<String> ids(TicketKeys keys) {
    return Arrays.stream(keys.newestFirst())
        .map(key -> Arrays.toString(Arrays.copyOf(key.name(), 8)))
        .toList();
  }

  private Path file() {
    return folder.resolve("ticket.keys");
  }

  @Test
  void keepsTheLastThree() {
    TicketKeys keys = new TicketKeys();
    List<String> first = names(keys);
    keys.rotate(Instant.now());
    keys.rotate(Instant.now());
    assertThat(names(keys)).hasSize(3).endsWith(first.getFirst()).doesNotHaveDuplicates();
    keys.rotate(Instant.now());
    assertThat(names(keys)).hasSize(3).doesNotContainAnyElementsOf(first);
  }

  @Test
  void aFileIsMadeForItsOwnerAloneAndSurvives() throws Exception {
    TicketKeys made = new TicketKeys(file(), Instant.now());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    made.rotate(Instant.now().plus(TicketKeys.LIFE));
    TicketKeys again = new TicketKeys(file(), Instant.now());
    assertThat(ids(again)).hasSize(2).isEqualTo(ids(made));
    assertThat(names(again)).as("of another process").doesNotContainAnyElementsOf(names(made));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void anOldKeyOnlyOpens() {
    List<String> old = ids(new TicketKeys(file(), Instant.now()));
    Instant later = Instant.now().plus(TicketKeys.LIFE).plus(Duration.ofMinutes(1));
    TicketKeys keys = new TicketKeys(file(), later);
    assertThat(ids(keys)).hasSize(2).endsWith(old.getFirst());
  }

  /** File times may be no finer than a second. */
  private void writtenAt(Instant instant) throws Exception {
    Files.setLastModifiedTime(file(), FileTime.from(instant));
  }

  @Test
  void serversThatShareAFileHaveTheSameKeysAndOneOfThemRotates() throws Exception {
    Instant start = Instant.parse("2026-11-29T12:00:00Z");
    TicketKeys one = new TicketKeys(file(), start);
    writtenAt(start);
    TicketKeys other = new TicketKeys(file(), start);
    assertThat(other.follow()).isFalse();

    Instant due = start.plus(TicketKeys.LIFE);
    one.rotate(due);
    writtenAt(due);
    other.rotate(due.plusSeconds(20));
    assertThat(ids(other)).hasSize(2).isEqualTo(ids(one));
    assertThat(one.follow()).as("its own").isFalse();

    other.rotate(due.plus(TicketKeys.LIFE));
    writtenAt(due.plus(TicketKeys.LIFE));
    assertThat(one.follow()).isTrue();
    assertThat(ids(one)).hasSize(3).isEqualTo(ids(other));
  }

  @Test
  void aSharedFileThatCannotBeUsedChangesNothing() throws Exception {
    TicketKeys keys = new TicketKeys(file(), Instant.now());
    List<String> before = ids(keys);
    WholeFile.write(file(), new byte[7], "rw-------");
    writtenAt(Instant.now().plusSeconds(60));
    assertThat(keys.follow()).isFalse();
    Files.delete(file());
    assertThat(keys.follow()).isFalse();
    assertThat(ids(keys)).isEqualTo(before);
  }

  @Test
  void knowsItsOwnTicketsFromThoseOfAnotherProcess() {
    TicketKeys one = new TicketKeys(file(), Instant.now());
    TicketKeys other = new TicketKeys(file(), Instant.now());
    byte[] name = one.newestFirst()[0].name();
    assertThat(one.issuer(name)).isEqualTo(TicketKeys.Issuer.SELF);
    assertThat(other.issuer(name)).isEqualTo(TicketKeys.Issuer.OTHER);
    assertThat(new TicketKeys().issuer(name)).isEqualTo(TicketKeys.Issuer.NOBODY);
    one.rotate(Instant.now().plus(TicketKeys.LIFE));
    assertThat(one.issuer(name)).isEqualTo(TicketKeys.Issuer.SELF);
  }

  @Test
  void opensTicketsOfOthersOnceTheyAreKnownAndOfNotTooMany() {
    TicketKeys one = new TicketKeys(file(), Instant.now());
    TicketKeys other = new TicketKeys(file(), Instant.now());
    List<String> own = names(one);
    assertThat(one.learn(other.newestFirst()[0].name())).isTrue();
    assertThat(one.learn(other.newestFirst()[0].name())).isFalse();
    assertThat(names(one)).startsWith(own.getFirst()).containsAll(names(other)).hasSize(2);
    byte[] madeUp = one.newestFirst()[0].name();
    for (int i = 0; i < 100; i++) {
      madeUp[15] = (byte) i;
      one.learn(madeUp);
    }
    assertThat(names(one)).startsWith(own.getFirst()).hasSize(1 + TicketKeys.MAX_MARKS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx------"})
  void aFileOfOthersIsRefused(String permissions) throws Exception {
    TicketKeys made = new TicketKeys(file(), Instant.now());
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(permissions));
    assertThatThrownBy(() -> new TicketKeys(file(), Instant.now()))
        .isInstanceOf(TlsCredentialsException.class)
        .hasMessageContaining(permissions)
        .hasMessageContaining("0600");
    assertThat(made.newestFirst()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 47, 49, 192})
  void anythingButKeysIsRefused(int bytes) throws Exception {
    WholeFile.write(file(), new byte[bytes], "rw-------");
    assertThatThrownBy(() -> new TicketKeys(file(), Instant.now()))
        .isInstanceOf(TlsCredentialsException.class)
        .hasMessageContaining("ticket keys of 48 bytes expected, found " + bytes);
  }
}
