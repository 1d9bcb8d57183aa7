package io.millrace.server.event;

import io.millrace.transport.LoopWaiters;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest events, numbered, and everybody who listens.
 *
 * <pre>
 *  say() ──► │ n-1023 │ … │ n-1 │ n │      every listener is a place in this ring and no queue:
 *                 ▲         ▲              one that is slower than the ring learns how many it
 *              listener  listener          has missed, and costs nothing
 * </pre>
 *
 * <p>A kind of event that comes too often, such as refusals of somebody who tries keys out, is
 * thinned, so that it does not drive out all others: the next one of its kind says by {@code
 * omitted} how many were left out. Thread-safe; telling never waits for a listener.
 */
public final class Events implements EventSink {
  /** How many are kept. */
  public static final int KEPT = 1_024;

  /** How often {@link #beat} is to be called: proxies close what is silent for a minute or so. */
  public static final Duration BEAT = Duration.ofSeconds(15);

  /** Those who may listen at once. */
  public static final int MAX_LISTENERS = 64;

  /** Of one kind at once, and how long until one more may follow. */
  private static final int BURST = 256;

  private static final long REFILL_NS = 500_000_000L;

  private final InstantSource clock;
  private final LongSupplier clockNs;
  private final String process;
  private final LoopWaiters listeners = new LoopWaiters();
  private final AtomicInteger listening = new AtomicInteger();
  private final Event[] ring = new Event[KEPT];
  private final Map<EventType, Allowance> allowances = new EnumMap<>(EventType.class);
  private long newest;
  private volatile long beats;
  private volatile boolean closed;

  /** How many of one kind may come. */
  private static final class Allowance {
    private int left = BURST;
    private long refilledNs;
    private long omitted;

    Allowance(long nowNs) {
      refilledNs = nowNs;
    }

    boolean take(long nowNs) {
      long more = (nowNs - refilledNs) / REFILL_NS;
      if (more > 0) {
        left = (int) Math.min(BURST, left + more);
        refilledNs += more * REFILL_NS;
      }
      if (left == 0) {
        omitted++;
        return false;
      }
      left--;
      return true;
    }
  }

  /**
   * @param clockNs {@code System::nanoTime}
   */
  public Events(InstantSource clock, LongSupplier clockNs) {
    this.clock = clock;
    this.clockNs = clockNs;
    this.process = Long.toString(clock.millis(), Character.MAX_RADIX);
  }

  @Override
  public void accept(EventNote note) {
    Map<String, Object> data = note.data();
    synchronized (this) {
      if (closed) {
        return;
      }
      long nowNs = clockNs.getAsLong();
      Allowance allowance = allowances.computeIfAbsent(note.type(), _ -> new Allowance(nowNs));
      if (!allowance.take(nowNs)) {
        return;
      }
      if (allowance.omitted > 0) {
        data.put("omitted", allowance.omitted);
        allowance.omitted = 0;
      }
      newest++;
      ring[(int) (newest % KEPT)] =
          new Event(
              newest,
              id(newest),
              clock.instant(),
              note.type(),
              note.level(),
              note.stream(),
              note.message(),
              data);
    }
    listeners.wake();
  }

  private String id(long number) {
    return process + "-" + number;
  }

  /** Has every listener sent something, so that whoever is in between knows that it is there. */
  public void beat() {
    beats++; // one writer: a timer
    listeners.wake();
  }

  /** Every listener gets what there is, and its end. Nothing is taken after that. */
  public void close() {
    synchronized (this) {
      closed = true;
    }
    listeners.wake();
  }

  /** Those who listen. */
  public int listening() {
    return listening.get();
  }

  /** How many have been told since the start. */
  public synchronized long told() {
    return newest;
  }

  /**
   * What one listener is sent: what comes, and before it what is asked for.
   *
   * @param after id of the last event that it has; null: none. One of another process, or of none,
   *     gets all that is kept
   * @param last without {@code after}, so many of the newest
   */
  public synchronized EventFeed feed(EventFilter filter, @Nullable String after, int last) {
    long from = after == null ? Math.max(0, newest - last) : numberOf(after);
    return new EventFeed(this, filter, from);
  }

  private long numberOf(String id) {
    String mine = process + "-";
    try {
      long number = id.startsWith(mine) ? Long.parseLong(id.substring(mine.length())) : 0;
      return number >= 0 && number <= newest ? number : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  // ---------------------------------------------------------------- for feeds

  /** The event of that number; null when there is none yet, or it is not kept any more. */
  synchronized @Nullable Event find(long number) {
    return number > newest || number <= newest - KEPT || number < 1
        ? null
        : ring[(int) (number % KEPT)];
  }

  /** The oldest that is kept; 1 where nothing has been lost. */
  synchronized long oldest() {
    return Math.max(1, newest - KEPT + 1);
  }

  synchronized long newest() {
    return newest;
  }

  /** What a listener that has come so far resumes from. */
  String idOf(long number) {
    return id(number);
  }

  InstantSource clock() {
    return clock;
  }

  long beats() {
    return beats;
  }

  boolean isClosed() {
    return closed;
  }

  LoopWaiters listeners() {
    return listeners;
  }

  void joined() {
    listening.incrementAndGet();
  }

  void left() {
    listening.decrementAndGet();
  }
}
