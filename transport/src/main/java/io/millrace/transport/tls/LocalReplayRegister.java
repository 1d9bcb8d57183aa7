package io.millrace.transport.tls;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The register of one process, in memory. Thread-safe; a call takes no time to speak of.
 *
 * <p><b>How long.</b> BoringSSL takes early data only while the age that the client says its ticket
 * has is within 60 s of the age that the server counts (RFC 8446 §8.3). A client whose clock is 60
 * s ahead makes ClientHellos that pass for 120 s, so nothing is forgotten in less ({@link
 * #KEPT_SECONDS}). Two generations take turns: a new one begins when the newer is that old, and
 * then the older is dropped.
 *
 * <p><b>After a start.</b> What was sent before this process began is not in here, and need not be:
 * early data is taken only with tickets that this process has issued ({@link TicketKeys}), so every
 * ClientHello that comes here is younger than the register.
 *
 * <p><b>When full.</b> {@link Sighting#UNKNOWN}, for it cannot be remembered: viewers resume
 * without early data until the generation ends. An attacker can bring that about with ClientHellos
 * that no ticket stands behind, and gains nothing but a round trip for everyone.
 *
 * <p>A binder is kept as 64 bits, mixed with a secret of this process. Two that mix to the same
 * only cost the second its early data. Nobody outside can choose where an entry lies, and a search
 * ends after {@link #MAX_PROBES} steps: cost per call is bounded.
 */
final class LocalReplayRegister implements ReplayRegister {
  /** Entries in {@link #KEPT_SECONDS}: two thousand a second. */
  static final int CAPACITY = 1 << 18;

  private static final int MAX_PROBES = 64;
  private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(KEPT_SECONDS);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final CompletionStage<Sighting> FIRST = done(Sighting.FIRST);
  private static final CompletionStage<Sighting> REPEATED = done(Sighting.REPEATED);
  private static final CompletionStage<Sighting> UNKNOWN = done(Sighting.UNKNOWN);

  private final int capacity;
  private final LongSupplier clockNs;
  private final long secret = new SecureRandom().nextLong();
  private final long secretFactor = new SecureRandom().nextLong() | 1;
  private long generationNs;
  private @Nullable Generation newer;
  private @Nullable Generation older;

  /** Open addressing; half of the places stay empty, and 0 is an empty place. */
  private static final class Generation {
    final long[] places;
    int entries;

    Generation(int capacity) {
      places = new long[Integer.highestOneBit(Math.max(capacity, 2) * 2 - 1) * 2];
    }
  }

  LocalReplayRegister(int capacity, LongSupplier clockNs) {
    this.capacity = capacity;
    this.clockNs = clockNs;
    this.generationNs = clockNs.getAsLong();
  }

  @Override
  public CompletionStage<Sighting> record(byte[] binder) {
    return switch (sighting(binder)) {
      case FIRST -> FIRST;
      case REPEATED -> REPEATED;
      case UNKNOWN -> UNKNOWN;
    };
  }

  /** What this register knows. */
  synchronized Sighting sighting(byte[] binder) {
    long nowNs = clockNs.getAsLong();
    turn(nowNs);
    long entry = mix(binder);
    Generation current = newer;
    if (current == null) {
      current = new Generation(capacity);
      newer = current;
    }
    int place = find(current, entry);
    boolean seen = place >= 0 && current.places[place] == entry;
    if (older != null && !seen) {
      int old = find(older, entry);
      if (old < 0) {
        return Sighting.UNKNOWN;
      }
      seen = older.places[old] == entry;
    }
    if (seen) {
      return Sighting.REPEATED;
    }
    if (place < 0 || current.entries == capacity) {
      return Sighting.UNKNOWN;
    }
    current.places[place] = entry;
    current.entries++;
    return Sighting.FIRST;
  }

  private void turn(long nowNs) {
    if (nowNs - generationNs < KEPT_NS) {
      return;
    }
    older = nowNs - generationNs < 2 * KEPT_NS ? newer : null;
    newer = null;
    generationNs = nowNs;
  }

  /** Where the entry is, or would be put; -1 when neither is found in time. */
  private static int find(Generation generation, long entry) {
    int mask = generation.places.length - 1;
    int place = (int) (entry >>> 20) & mask;
    for (int i = 0; i < MAX_PROBES; i++) {
      long there = generation.places[place];
      if (there == entry || there == 0) {
        return place;
      }
      place = place + 1 & mask;
    }
    return -1;
  }

  private long mix(byte[] binder) {
    long mixed = secret;
    for (int i = 0; i + Long.BYTES <= binder.length; i += Long.BYTES) {
      mixed = (mixed ^ (long) LONGS.get(binder, i)) * secretFactor;
      mixed ^= Long.rotateLeft(mixed, 29) ^ mixed >>> 32;
    }
    mixed *= 0x9E3779B97F4A7C15L;
    mixed ^= mixed >>> 32;
    return mixed == 0 ? 1 : mixed;
  }

  private static CompletionStage<Sighting> done(Sighting sighting) {
    return CompletableFuture.completedStage(sighting);
  }
}
