package io.millrace.server.edge;

import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.disk.DiskQueue;
import io.millrace.server.edge.disk.BlobStore;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ReplyHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Media on disk, behind what is in memory: written by one thread when it leaves memory, read by a
 * few before an origin is asked. A disk that is full, slow or gone holds nobody up: what cannot be
 * written is dropped and counted, what cannot be read is asked of an origin. Thread-safe.
 */
final class DiskTier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskTier.class);

  /** A disk does not get faster by more. */
  private static final int READERS = 4;

  private static final int MAX_READS_WAITING = 1_024;
  private static final int PIECES_AT_ONCE = 4;
  private static final long IDLE_S = 30;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  /** After a failure nothing is written for so long. */
  private static final long PAUSE_MS = 10_000;

  private static final long TELL_EVERY_MS = 60_000;

  private final BlobStore store;
  private final DiskQueue queue;
  private final ThreadPoolExecutor readers;
  private final Executor loop;
  private final InstantSource clock;
  private final LongAdder writes = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicLong readTroubleToldMs = new AtomicLong(Long.MIN_VALUE / 2);
  private volatile long pausedUntilMs = Long.MIN_VALUE;

  private DiskTier(BlobStore store, EdgeSettings settings, Executor loop, InstantSource clock) {
    this.store = store;
    this.loop = loop;
    this.clock = clock;
    this.queue =
        new DiskQueue(
            "edge-disk",
            settings.writingBytes(),
            bug -> LOG.atError().setCause(bug).log("cannot write to edge.disk"));
    this.readers =
        new ThreadPoolExecutor(
            READERS,
            READERS,
            IDLE_S,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_READS_WAITING),
            Thread.ofPlatform().name("edge-disk-read-", 0).daemon().factory());
    readers.allowCoreThreadTimeOut(true);
  }

  /**
   * Opens the disk of an edge, and begins to look at what is there; blocks shortly.
   *
   * @param loop on which what is read is told: the cache's
   * @return null where there is none, or it cannot be used, which the log says
   */
  static @Nullable DiskTier open(EdgeSettings settings, Executor loop, InstantSource clock) {
    EdgeSettings.Disk disk = settings.disk();
    if (disk == null) {
      return null;
    }
    try {
      BlobStore store = BlobStore.open(disk.folder(), disk.maxBytes(), settings.diskObjects());
      return open(store, settings, loop, clock);
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("folder", disk.folder())
          .addKeyValue("cause", DiskFiles.reason(e))
          .log("no edge.disk: what has no room in memory is asked of the origin again");
      return null;
    }
  }

  /**
   * @param store closed with this
   */
  static DiskTier open(BlobStore store, EdgeSettings settings, Executor loop, InstantSource clock) {
    DiskTier tier = new DiskTier(store, settings, loop, clock);
    boolean _ = tier.queue.offer(0, tier::readIndex);
    return tier;
  }

  /** One file at a time, so that what comes meanwhile is written between them. */
  private void readIndex() {
    boolean more = true;
    try {
      more = store.readNext();
    } catch (IOException e) {
      readFailed(e);
    }
    if (more) {
      boolean _ = queue.offer(0, this::readIndex);
    }
  }

  /** Has an object written, unless it is there; at once. */
  void offer(ObjectKey key, Stored stored, long nowNs) {
    byte[] name = name(key);
    long nowMs = clock.millis();
    long leftMs = TimeUnit.NANOSECONDS.toMillis(stored.storedNs() + stored.freshNs() - nowNs);
    if (leftMs <= 0 || !(stored.body() instanceof ReplyBody.Bytes body) || store.isSafe(name)) {
      return;
    }
    byte[] notes = notes(stored);
    long bornMs = nowMs - 1_000 * stored.ageS(nowNs);
    boolean room = body.sizeBytes() <= store.largestBytes() && nowMs >= pausedUntilMs;
    if (!room
        || !queue.offer(
            stored.weightBytes(), () -> write(name, notes, bornMs, nowMs + leftMs, body))) {
      dropped.increment();
    }
  }

  private void write(byte[] name, byte[] notes, long bornMs, long expiresMs, ReplyBody.Bytes body) {
    if (store.isSafe(name) || clock.millis() < pausedUntilMs) {
      return;
    }
    try {
      if (store.put(name, notes, bornMs, expiresMs, body.arrays())) {
        writes.increment();
        if (failing.compareAndSet(true, false)) {
          LOG.atInfo().log("edge.disk can be written again");
        }
      } else {
        dropped.increment();
      }
    } catch (IOException e) {
      pausedUntilMs = clock.millis() + PAUSE_MS;
      errors.increment();
      if (failing.compareAndSet(false, true)) {
        LOG.atWarn()
            .addKeyValue("cause", DiskFiles.reason(e))
            .log("edge.disk cannot be written; viewers are served all the same");
      }
    }
  }

  /** Says so once a minute at most: after a power cut there may be many. */
  private void readFailed(IOException why) {
    errors.increment();
    long nowMs = clock.millis();
    long toldMs = readTroubleToldMs.get();
    if (nowMs - toldMs >= TELL_EVERY_MS && readTroubleToldMs.compareAndSet(toldMs, nowMs)) {
      LOG.atWarn()
          .addKeyValue("cause", DiskFiles.reason(why))
          .log("edge.disk cannot be read in part; that is asked of the origin again");
    }
  }

  /**
   * Reads an object.
   *
   * @param listener called on the loop, never before this returns; told of a failure where it is
   *     not there after all
   * @return null where it is not there; any thread, at once
   */
  @Nullable ClientCall read(ObjectKey key, ClientListener listener) {
    byte[] name = name(key);
    if (!store.has(name)) {
      return null;
    }
    Reading reading = new Reading(name, listener);
    try {
      readers.execute(reading::begin);
    } catch (RejectedExecutionException e) {
      return null;
    }
    return reading;
  }

  private static byte[] name(ObjectKey key) {
    return key.target().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] notes(Stored stored) {
    StringBuilder text = new StringBuilder();
    for (Header header : stored.all()) {
      text.append(header.name()).append(": ").append(header.value()).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static ReplyHead head(BlobStore.Blob blob, long nowMs) {
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    for (String line : new String(blob.notes(), StandardCharsets.UTF_8).lines().toList()) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        fields.add(Map.entry(line.substring(0, colon), line.substring(colon + 2)));
      }
    }
    long ageS = Math.max(0, (nowMs - blob.bornMs()) / 1_000);
    fields.add(Map.entry("age", Long.toString(ageS)));
    return new ReplyHead(200, fields);
  }

  /** One object on its way from the disk; what has not been taken yet is not read. */
  private final class Reading implements ClientCall {
    private final byte[] name;
    private final ClientListener listener;
    private volatile boolean cancelled;

    Reading(byte[] name, ClientListener listener) {
      this.name = name;
      this.listener = listener;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    /** On a reader's thread. */
    private void begin() {
      try {
        long nowMs = clock.millis();
        BlobStore.Blob blob = store.find(name, nowMs);
        if (blob == null) {
          tell(() -> listener.failed(new ClientFailure(Kind.CLOSED, "not on disk any more")));
          return;
        }
        ReplyHead head = head(blob, nowMs);
        tell(() -> listener.head(head));
        step(blob);
      } catch (IOException e) {
        broken(e);
      }
    }

    private void step(BlobStore.Blob blob) throws IOException {
      byte[] bytes = blob.next(PIECES_AT_ONCE);
      if (bytes == null) {
        tell(listener::ended);
      } else {
        tell(
            () -> {
              listener.data(bytes);
              proceed(blob);
            });
      }
    }

    /** On the loop. */
    private void proceed(BlobStore.Blob blob) {
      if (cancelled) {
        return;
      }
      try {
        readers.execute(
            () -> {
              try {
                step(blob);
              } catch (IOException e) {
                broken(e);
              }
            });
      } catch (RejectedExecutionException e) {
        listener.failed(new ClientFailure(Kind.BUSY, "too much is being read from disk"));
      }
    }

    private void broken(IOException why) {
      readFailed(why);
      tell(() -> listener.failed(new ClientFailure(Kind.BROKEN, DiskFiles.reason(why))));
    }

    private void tell(Runnable what) {
      try {
        loop.execute(
            () -> {
              if (!cancelled) {
                what.run();
              }
            });
      } catch (RejectedExecutionException e) {
        // The loop is shut down: nobody waits any more.
      }
    }
  }

  /** What waits to be written. */
  long queuedBytes() {
    return queue.queuedBytes();
  }

  /** Of all files. */
  long sizeBytes() {
    return store.sizeBytes();
  }

  /** Objects that are known to be there. */
  int objects() {
    return store.blobs();
  }

  /** Objects that made room for others. */
  long evictions() {
    return store.evicted();
  }

  long writes() {
    return writes.sum();
  }

  /** Objects that were not written: too large, too many at once, or the disk does not work. */
  long dropped() {
    return dropped.sum();
  }

  /** Times that the disk could not be read or written. */
  long errors() {
    return errors.sum();
  }

  @Override
  public void close() {
    if (!queue.close(CLOSE_WITHIN)) {
      LOG.atWarn().log("edge.disk is slow: some of what waited is not written");
    }
    readers.shutdown();
    try {
      store.close();
    } catch (IOException e) {
      readFailed(e);
    }
  }
}
