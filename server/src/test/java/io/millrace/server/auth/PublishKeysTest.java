package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishKeys.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PublishKeysTest {
  private static final StreamKey OPEN = new StreamKey("live", "open");
  private static final StreamKey KEYED = new StreamKey("live", "keyed");
  private static final Argon2Hash FIRST = cheap("first");
  private static final List<Argon2Hash> KEYS = List.of(cheap("one"), cheap("two"));
  private static final InetAddress LOOPBACK = address("127.0.0.1");
  private static final InetAddress ELSEWHERE = address("192.0.2.7");

  private final AtomicLong nowNs = new AtomicLong();
  private final Map<StreamKey, List<Argon2Hash>> configured = Map.of(KEYED, KEYS);
  private final PublishKeys keys =
      new PublishKeys(stream -> configured.getOrDefault(stream, List.of()), FIRST, nowNs::get);

  @TempDir Path dir;

  @AfterEach
  void close() {
    keys.close();
  }

  @Test
  void withoutConfiguredKeysLoopbackNeedsNone() {
    assertThat(verdict(OPEN, null, LOOPBACK)).isEqualTo(Verdict.ALLOWED);
    assertThat(verdict(OPEN, null, address("::1"))).isEqualTo(Verdict.ALLOWED);
    assertThat(verdict(OPEN, null, address("127.8.9.1"))).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void withoutConfiguredKeysEveryoneElseNeedsTheFirstStartKey() {
    assertThat(verdict(OPEN, null, ELSEWHERE)).isEqualTo(Verdict.KEY_MISSING);
    assertThat(verdict(OPEN, "", ELSEWHERE)).isEqualTo(Verdict.KEY_MISSING);
    assertThat(verdict(OPEN, "wrong", ELSEWHERE)).isEqualTo(Verdict.KEY_WRONG);
    assertThat(verdict(OPEN, "one", ELSEWHERE)).isEqualTo(Verdict.KEY_WRONG);
    assertThat(verdict(OPEN, "first", ELSEWHERE)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void withConfiguredKeysOneOfThemIsNeededFromLoopbackToo() {
    assertThat(verdict(KEYED, null, LOOPBACK)).isEqualTo(Verdict.KEY_MISSING);
    assertThat(verdict(KEYED, "first", LOOPBACK)).isEqualTo(Verdict.KEY_WRONG);
    assertThat(verdict(KEYED, "one", LOOPBACK)).isEqualTo(Verdict.ALLOWED);
    assertThat(verdict(KEYED, "two", ELSEWHERE)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void anOverlongKeyIsWrongWithoutBeingHashed() {
    assertThat(keys.authorize(KEYED, "x".repeat(513), ELSEWHERE).toCompletableFuture())
        .isCompletedWithValue(Verdict.KEY_WRONG);
  }

  @Test
  void aKeyThatMatchedLatelyIsAllowedAtOnce() {
    assertThat(verdict(KEYED, "two", ELSEWHERE)).isEqualTo(Verdict.ALLOWED);
    assertThat(keys.authorize(KEYED, "two", address("198.51.100.1")).toCompletableFuture())
        .isCompletedWithValue(Verdict.ALLOWED);
  }

  @Test
  void aSourceThatKeepsFailingIsRefusedUntilTimePasses() {
    for (int i = 0; i < AttemptLimiter.BURST; i++) {
      assertThat(verdict(KEYED, "guess" + i, ELSEWHERE)).isEqualTo(Verdict.KEY_WRONG);
    }
    assertThat(verdict(KEYED, "one", ELSEWHERE)).isEqualTo(Verdict.TOO_MANY_FAILURES);
    assertThat(verdict(KEYED, "one", address("192.0.2.8"))).isEqualTo(Verdict.ALLOWED);
    nowNs.addAndGet(AttemptLimiter.REFILL_NS);
    assertThat(verdict(KEYED, "one", ELSEWHERE)).isEqualTo(Verdict.ALLOWED);
    assertThat(verdict(KEYED, "wrong", ELSEWHERE)).isEqualTo(Verdict.KEY_WRONG);
    assertThat(verdict(KEYED, "one", ELSEWHERE)).isEqualTo(Verdict.TOO_MANY_FAILURES);
  }

  @Test
  void anIpv6NetworkIsOneSource() {
    for (int i = 0; i < AttemptLimiter.BURST; i++) {
      verdict(KEYED, "guess", address("2001:db8:1:2::" + i));
    }
    assertThat(verdict(KEYED, "guess", address("2001:db8:1:2:ffff::1")))
        .isEqualTo(Verdict.TOO_MANY_FAILURES);
    assertThat(verdict(KEYED, "guess", address("2001:db8:1:3::1"))).isEqualTo(Verdict.KEY_WRONG);
  }

  @Test
  void successesCostNoAttempts() {
    for (int i = 0; i < 3 * AttemptLimiter.BURST; i++) {
      assertThat(verdict(KEYED, "one", ELSEWHERE)).isEqualTo(Verdict.ALLOWED);
    }
  }

  @Test
  void aFloodOfAttemptsIsBounded() throws Exception {
    Argon2Hash slow =
        Argon2Hash.parse(
            "$argon2id$v=19$m=8192,t=10,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    AtomicInteger sources = new AtomicInteger();
    try (PublishKeys busy = new PublishKeys(_ -> List.of(slow), FIRST, nowNs::get)) {
      List<CompletionStage<Verdict>> all = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        int n = sources.incrementAndGet();
        all.add(busy.authorize(OPEN, "k", address("203.0." + n / 250 + "." + n % 250)));
      }
      long refused =
          all.stream()
              .map(CompletionStage::toCompletableFuture)
              .filter(future -> future.isDone() && future.join() == Verdict.BUSY)
              .count();
      assertThat(refused).isGreaterThan(300);
    }
  }

  @Test
  void theFirstStartKeyIsShownOnceAndKeptAsAHashOfThisUserOnly() throws IOException {
    Path data = dir.resolve("a/data");
    FirstStartKey made = FirstStartKey.loadOrCreate(data, new SecureRandom());
    FirstStartKey again = FirstStartKey.loadOrCreate(data, new SecureRandom());
    assertThat(made.shownOnce()).matches("[a-z2-7]{26}");
    assertThat(again.shownOnce()).isNull();
    assertThat(again.hash()).isEqualTo(made.hash());
    assertThat(again.hash().matches(String.valueOf(made.shownOnce()))).isTrue();
    Path file = data.resolve("publish-key.hash");
    assertThat(Files.readString(file)).doesNotContain(String.valueOf(made.shownOnce()));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(made.toString()).doesNotContain(String.valueOf(made.shownOnce()));
    try (var files = Files.list(data)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aSpoiltHashFileIsNamedWithWhatToDo() throws IOException {
    Files.writeString(dir.resolve("publish-key.hash"), "spoilt");
    assertThatIOException()
        .isThrownBy(() -> FirstStartKey.loadOrCreate(dir, new SecureRandom()))
        .withMessageContaining("publish-key.hash")
        .withMessageContaining("delete it");
  }

  private Verdict verdict(StreamKey stream, @Nullable String key, InetAddress source) {
    return keys.authorize(stream, key, source)
        .toCompletableFuture()
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
  }

  /** The cheapest hash that is taken: these tests are about the rules. */
  private static Argon2Hash cheap(String key) {
    return CheapHashes.of(key);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
