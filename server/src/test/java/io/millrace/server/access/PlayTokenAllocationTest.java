package io.millrace.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.server.access.PlayToken.Verdict;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Heap allocated for a check of a token, which happens with every request of a viewer. */
class PlayTokenAllocationTest {
  private static final Instant NOW = Instant.parse("2026-11-28T20:00:00Z");
  private static final PlayKey KEY = PlayKey.generate(new SecureRandom());
  private static final List<PlayKey> KEYS = List.of(PlayKey.generate(new SecureRandom()), KEY);
  private static final InetAddress SIX = InetAddress.ofLiteral("2001:db8:1:2:3::4");
  private static final int CHECKS = 1_000;

  /** Until the interpreter and the compiler have made what they make once. */
  private static final int MAX_ROUNDS = 30;

  /** The copy that {@link InetAddress#getAddress} gives away: 16 bytes and an array's head. */
  private static final double ADDRESS_BYTES = 32;

  private ThreadMXBean threads;

  @BeforeEach
  void count() {
    assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
            && bean.isThreadAllocatedMemorySupported(),
        "this JVM does not count a thread's allocations");
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  }

  private double bytesACheck(String token, String stream, Verdict expected) {
    double least = Double.MAX_VALUE;
    for (int round = 0; round < MAX_ROUNDS && least > 0; round++) {
      int wrong = 0;
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CHECKS; i++) {
        if (PlayToken.check(token, stream, SIX, NOW, KEYS) != expected) {
          wrong++;
        }
      }
      long after = threads.getCurrentThreadAllocatedBytes();
      assertThat(wrong).isZero();
      least = Math.min(least, (double) (after - before) / CHECKS);
    }
    return least;
  }

  @Test
  void aCheckMakesNoObject() {
    String token = PlayToken.sign(KEY, "live/show", NOW.plusSeconds(9), null);
    assertThat(bytesACheck(token, "live/show", Verdict.VALID)).isLessThan(1);
    assertThat(bytesACheck(token, "live/other", Verdict.OTHER_PATH)).isLessThan(1);
    assertThat(bytesACheck(token.substring(1), "live/show", Verdict.MALFORMED)).isLessThan(1);
  }

  @Test
  void oneOfAnAddressCopiesTheAddress() {
    String token = PlayToken.sign(KEY, "live/show", NOW.plusSeconds(9), SIX);
    assertThat(bytesACheck(token, "live/show", Verdict.VALID)).isLessThanOrEqualTo(ADDRESS_BYTES);
  }
}
