package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.tls.OcspStapling.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a clock of the test's own. */
class OcspStaplingTest {
  private static final Instant START = Instant.parse("2026-11-28T20:00:00Z");
  private static final Authority AUTHORITY = new Authority("Test", START);
  private static final TlsCredentials SERVER =
      AUTHORITY.issue("tv.example", "EC", "http://ocsp.example/a");

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final List<CompletableFuture<byte[]>> asked = new ArrayList<>();
  private final OcspStapling stapling =
      new OcspStapling(
          (responder, request) -> {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
          },
          now::get);

  private byte[] good(Duration life) {
    return AUTHORITY.respond(
        SERVER, CertificateStatus.GOOD, AUTHORITY.itself(), now.get(), now.get().plus(life));
  }

  private void pass(Duration time) {
    now.set(now.get().plus(time));
    stapling.run();
  }

  @Test
  void aResponseIsRenewedAtHalfItsTime() {
    stapling.use(List.of(new Wanted(SERVER, null)));
    stapling.run();
    assertThat(asked).hasSize(1);
    assertThat(stapling.find(SERVER)).isNull();
    byte[] first = good(Duration.ofDays(4));
    asked.getLast().complete(first);
    assertThat(stapling.find(SERVER)).isEqualTo(first);
    pass(Duration.ofDays(2).minusSeconds(1));
    assertThat(asked).hasSize(1);
    pass(Duration.ofSeconds(1));
    assertThat(asked).hasSize(2);
    byte[] second = good(Duration.ofDays(4));
    asked.getLast().complete(second);
    assertThat(stapling.find(SERVER)).isEqualTo(second);
  }

  @Test
  void aResponderThatIsDownIsAskedEverMoreSeldomAndTheResponseHoldsToItsEnd() {
    stapling.use(List.of(new Wanted(SERVER, null)));
    byte[] first = good(Duration.ofHours(10));
    asked.getLast().complete(first);
    pass(Duration.ofHours(5));
    int before = asked.size();
    asked.getLast().completeExceptionally(new IOException("refused"));
    for (int minutes = 1; minutes <= 63; minutes++) {
      pass(Duration.ofMinutes(1));
      if (!asked.getLast().isDone()) {
        asked.getLast().complete("<html>".getBytes());
      }
    }
    assertThat(asked.size() - before).as("after 1, 2, 4, 8, 16 and 32 minutes").isEqualTo(6);
    assertThat(stapling.find(SERVER)).isEqualTo(first);
    pass(Duration.ofHours(4));
    assertThat(stapling.find(SERVER)).as("after its end").isNull();
    asked.getLast().complete(good(Duration.ofDays(4)));
    assertThat(stapling.find(SERVER)).isNotNull();
  }

  @Test
  void whatStaysAfterAReloadIsKept() {
    TlsCredentials other = AUTHORITY.issue("other.example", "EC", null);
    stapling.use(List.of(new Wanted(SERVER, null)));
    asked.getLast().complete(good(Duration.ofDays(4)));
    stapling.use(List.of(new Wanted(other, null), new Wanted(SERVER, null)));
    assertThat(stapling.find(SERVER)).isNotNull();
    assertThat(stapling.find(other)).as("without a responder").isNull();
    assertThat(asked).hasSize(1);
    stapling.use(List.of(new Wanted(other, null)));
    assertThat(stapling.find(SERVER)).isNull();
  }

  @Test
  void nobodyIsAskedAboutASelfSignedCertificateOrWithoutAResponder() {
    TlsCredentials self = SelfSigned.create(Set.of("localhost"), START);
    stapling.use(List.of(new Wanted(self, null)));
    pass(Duration.ofDays(1));
    assertThat(asked).isEmpty();
    assertThat(stapling.find(self)).isNull();
  }

  @Test
  void anOperatorsFileIsReadWhenItChangesAndAsksNobody(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("ocsp.der");
    stapling.use(List.of(new Wanted(SERVER, file)));
    assertThat(stapling.find(SERVER)).isNull();
    byte[] first = good(Duration.ofDays(4));
    Files.write(file, first);
    stapling.run();
    assertThat(stapling.find(SERVER)).isEqualTo(first);
    Files.write(file, new byte[10]);
    Files.setLastModifiedTime(file, FileTime.from(START.plusSeconds(5)));
    pass(Duration.ofDays(1));
    assertThat(stapling.find(SERVER)).as("the former one, of which it is none").isEqualTo(first);
    pass(Duration.ofDays(3));
    assertThat(stapling.find(SERVER)).isNull();
    Files.write(file, good(Duration.ofDays(4)));
    Files.setLastModifiedTime(file, FileTime.from(START.plusSeconds(9)));
    pass(Duration.ZERO);
    assertThat(stapling.find(SERVER)).isNotNull();
    assertThat(asked).isEmpty();
  }
}
