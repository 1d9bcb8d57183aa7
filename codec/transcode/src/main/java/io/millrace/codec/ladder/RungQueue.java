package io.millrace.codec.ladder;

import io.millrace.codec.ladder.TranscoderSettings.Overload;
import io.millrace.media.caption.CaptionData;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue between the decoding thread and one rung's thread.
 *
 * <p>When it is full of pictures, a new one is left out. The encoder frees places one at a time, so
 * what is lost is spread evenly: an encoder at 0.7 of real time loses every third picture. A
 * picture that starts a segment is never left out for that: it takes the place of the newest that
 * does not. Where all of them start segments (the rung is as many segments behind as the queue is
 * long) the oldest becomes an empty segment. The closed captions of a picture that is left out go
 * with the next one.
 */
final class RungQueue {
  /** Far more than a hole in the stream is tiled with: a bound on memory. */
  private static final int MAX_CONTROLS = 16_384;

  private final int maxPictures;
  private final Overload overload;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<RungInput> inputs = new ArrayDeque<>();
  private int pictures;
  private boolean closed;
  private long dropped;

  /** Captions of pictures that were left out behind the newest that waits. */
  private byte @Nullable [] lostCaptions;

  RungQueue(int maxPictures, Overload overload) {
    this.maxPictures = maxPictures;
    this.overload = overload;
  }

  /** Takes a picture, or drops it and counts; with {@link Overload#WAIT} waits for room. */
  void offer(RungInput.Frame frame) {
    lock.lock();
    try {
      while (overload == Overload.WAIT && pictures >= maxPictures && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        frame.picture().release();
        return;
      }
      if (pictures >= maxPictures && !makeRoom(frame)) {
        frame.picture().release();
        lostCaptions = CaptionData.join(lostCaptions, frame.captions());
        dropped++;
        return;
      }
      pictures++;
      inputs.addLast(frame.after(lostCaptions));
      lostCaptions = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean makeRoom(RungInput.Frame frame) {
    if (frame.boundary() == null) {
      return false;
    }
    if (!dropNewestOrdinary()) {
      emptyOldestSegment();
    }
    pictures--;
    dropped++;
    return true;
  }

  private boolean dropNewestOrdinary() {
    for (Iterator<RungInput> newestFirst = inputs.descendingIterator(); newestFirst.hasNext(); ) {
      if (newestFirst.next() instanceof RungInput.Frame queued && queued.boundary() == null) {
        newestFirst.remove();
        queued.picture().release();
        lostCaptions = CaptionData.join(queued.captions(), lostCaptions);
        return true;
      }
    }
    return false;
  }

  private void emptyOldestSegment() {
    Deque<RungInput> before = new ArrayDeque<>();
    for (RungInput input = inputs.pollFirst(); input != null; input = inputs.pollFirst()) {
      if (input instanceof RungInput.Frame queued && queued.boundary() != null) {
        queued.picture().release();
        inputs.addFirst(new RungInput.EmptySegment(queued.boundary()));
        break;
      }
      before.addFirst(input);
    }
    before.forEach(inputs::addFirst);
  }

  /**
   * Takes anything but a picture; never waits.
   *
   * @return false when the rung has not taken anything for so long that it must be given up
   */
  boolean put(RungInput control) {
    lock.lock();
    try {
      if (closed) {
        return true;
      }
      if (inputs.size() - pictures >= MAX_CONTROLS) {
        return false;
      }
      inputs.addLast(control);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next input; null once the queue is closed. */
  @Nullable RungInput take() {
    lock.lock();
    try {
      while (inputs.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      RungInput input = inputs.pollFirst();
      if (input instanceof RungInput.Frame) {
        pictures--;
        changed.signalAll();
      }
      return input;
    } finally {
      lock.unlock();
    }
  }

  /** Releases what waits and lets nothing in; wakes both sides. Idempotent. */
  void close() {
    lock.lock();
    try {
      closed = true;
      for (RungInput input = inputs.pollFirst(); input != null; input = inputs.pollFirst()) {
        if (input instanceof RungInput.Frame frame) {
          frame.picture().release();
        }
      }
      pictures = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Pictures that wait. */
  int depth() {
    lock.lock();
    try {
      return pictures;
    } finally {
      lock.unlock();
    }
  }

  /** Pictures left out so far. */
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
