package io.millrace.codec.ladder;

import io.millrace.codec.NativeAccount;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The audio rung's queue and thread. A full queue leaves new samples out and counts them. */
final class AudioPipe {
  private static final Logger LOG = LoggerFactory.getLogger(AudioPipe.class);
  private static final String NAME = "audio";

  /** About five seconds of AAC at 48 kHz. */
  private static final int MAX_SAMPLES = 256;

  private static final int MAX_CONTROLS = 1024;

  private final String streamName;
  private final AudioReencoder reencoder;
  private final EndingSink sink;
  private final TranscoderListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private final Thread thread;
  private boolean closed;
  private int samples;
  private long dropped;
  private volatile boolean failed;

  /** What the audio thread does, in order. */
  private sealed interface Item {
    record Event(TrackEvent event) implements Item {}

    record Change(AudioRung rung) implements Item {}

    /** Nothing comes behind it. */
    record Leave() implements Item {}
  }

  AudioPipe(
      String streamName,
      AudioRung rung,
      TrackSink sink,
      NativeAccount account,
      TranscoderListener listener) {
    this.streamName = streamName;
    this.sink = new EndingSink(sink);
    this.listener = listener;
    this.reencoder = new AudioReencoder(rung, this.sink, account);
    this.thread = Thread.ofPlatform().name("enc audio " + streamName).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Takes {@code event}; pump thread. */
  void offer(TrackEvent event) {
    lock.lock();
    try {
      boolean isSample = event instanceof TrackEvent.Sample;
      boolean full = isSample ? samples >= MAX_SAMPLES : items.size() - samples >= MAX_CONTROLS;
      if (closed || full) {
        dropped += isSample && !closed ? 1 : 0;
        event.release();
        return;
      }
      samples += isSample ? 1 : 0;
      items.addLast(new Item.Event(event));
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Encodes what follows as {@code rung}; pump thread, before a boundary. */
  void change(AudioRung rung) {
    put(new Item.Change(rung));
  }

  /** Delivers what it has, then {@link LadderEngine#LEFT}, and ends; pump thread. */
  void leave() {
    put(new Item.Leave());
  }

  private void put(Item item) {
    lock.lock();
    try {
      if (!closed) {
        items.addLast(item);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean hasFailed() {
    return failed;
  }

  /** True once its thread has ended. */
  boolean isOver() {
    return thread.getState() == Thread.State.TERMINATED;
  }

  private @Nullable Item take() {
    lock.lock();
    try {
      while (items.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      Item item = items.pollFirst();
      samples -= item instanceof Item.Event(TrackEvent.Sample _) ? 1 : 0;
      return item;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (Item item = take(); item != null; item = take()) {
        switch (item) {
          case Item.Event(TrackEvent event) -> reencoder.accept(event);
          case Item.Change(AudioRung rung) -> reencoder.change(rung);
          case Item.Leave() -> {
            reencoder.accept(LadderEngine.LEFT);
            discard();
          }
        }
      }
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      failed = true;
      discard();
      LOG.atWarn().addKeyValue("stream", streamName).setCause(e).log("audio rung failed");
      sink.end("audio rung failed: " + e.getMessage());
      listener.rungFailed(NAME, e);
    } finally {
      reencoder.close();
    }
  }

  RungStats stats() {
    lock.lock();
    try {
      return new RungStats(
          NAME,
          reencoder.engine(),
          reencoder.in(),
          reencoder.out(),
          dropped + reencoder.damaged(),
          0,
          reencoder.bytes(),
          0,
          0,
          0,
          samples,
          false,
          failed,
          "",
          false);
    } finally {
      lock.unlock();
    }
  }

  /** Discards what waits and asks the thread to end; does not wait. */
  void stop() {
    sink.shut();
    discard();
  }

  private void discard() {
    lock.lock();
    try {
      closed = true;
      for (Item item : items) {
        if (item instanceof Item.Event(TrackEvent event)) {
          event.release();
        }
      }
      items.clear();
      samples = 0;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  boolean awaitStopped(long timeoutNs) {
    try {
      return thread.join(Duration.ofNanos(Math.max(0, timeoutNs)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !thread.isAlive();
    }
  }
}
