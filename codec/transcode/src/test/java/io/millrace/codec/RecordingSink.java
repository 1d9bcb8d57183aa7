package io.millrace.codec;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps every event of a track, payloads copied to the heap; knows when the end has come. */
public final class RecordingSink implements TrackSink {
  private final List<TrackEvent> events = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  @Override
  public synchronized void accept(TrackEvent event) {
    if (event instanceof TrackEvent.Sample sample) {
      ByteBuf copy = Unpooled.copiedBuffer(sample.payload());
      events.add(
          new TrackEvent.Sample(
              sample.track(),
              sample.dtsTicks(),
              sample.ptsTicks(),
              sample.durationTicks(),
              sample.key(),
              copy));
      sample.release();
    } else {
      events.add(event);
    }
    if (event instanceof TrackEvent.End) {
      ended.countDown();
    }
  }

  /** Waits for End. */
  public void awaitEnd(Duration limit) {
    try {
      if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("no end within " + limit + ", events: " + events().size());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public synchronized List<TrackEvent> events() {
    return List.copyOf(events);
  }

  public synchronized <T> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  public List<TrackEvent.Sample> samples() {
    return events(TrackEvent.Sample.class);
  }

  public List<TrackEvent.Sample> samples(int track) {
    return samples().stream().filter(sample -> sample.track() == track).toList();
  }

  public List<TrackEvent.Boundary> boundaries() {
    return events(TrackEvent.Boundary.class);
  }

  /** The only format of the track. */
  public TrackFormat.Video videoFormat() {
    return events(TrackEvent.Format.class).stream()
        .map(TrackEvent.Format::format)
        .filter(TrackFormat.Video.class::isInstance)
        .map(TrackFormat.Video.class::cast)
        .reduce((first, second) -> second)
        .orElseThrow();
  }
}
