package io.millrace.server.live;

import io.millrace.codec.ladder.PlannedRung;
import io.millrace.media.StreamKey;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Presentation;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes the rungs that are for viewers only ({@code when: watched}) while there are some.
 *
 * <pre>
 *   first segment ──► idle ──request──► starting ──first segment listed──► running
 *                      ▲                                                     │
 *                      └──────────────── nobody asked for so long ───────────┘
 * </pre>
 *
 * <p>All of one codec start and stop together: a player that changes rungs does so among those, and
 * would otherwise wait at each. At the start of a stream every rung makes a segment, which tells
 * playlists what it is. While idle, a rung's playlist lists gaps; its first segment afterwards
 * begins the listing anew, at its siblings' number.
 *
 * <p>{@link #request} and {@link #isReady} may be called from any thread, all else on the stream's
 * loop.
 */
public final class WatchedRungs {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedRungs.class);
  private static final long LOOK_MS = 1_000;

  private enum State {
    IDLE,
    STARTING,
    RUNNING
  }

  /** The rungs of one codec. */
  private static final class Family {
    private final VideoCodec codec;
    private final List<String> rungs = new ArrayList<>();
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile State state = State.STARTING;
    private volatile long seenNs;
    private volatile boolean seen;

    /** Newest segments that are of a time before the start. */
    private final Map<String, Long> before = new ConcurrentHashMap<>();

    Family(VideoCodec codec) {
      this.codec = codec;
    }
  }

  private final StreamKey key;
  private final EventLoop loop;
  private final Presentation presentation;
  private final RungSwitch rungSwitch;
  private final LongSupplier clockNs;
  private final EventSink events;
  private Watched watched;
  private volatile Map<VideoCodec, Family> families = Map.of();
  private volatile Map<String, Family> byRung = Map.of();
  private boolean looking;
  private boolean closed;

  WatchedRungs(
      StreamKey key,
      EventLoop loop,
      Watched watched,
      Presentation presentation,
      RungSwitch rungSwitch,
      LongSupplier clockNs,
      EventSink events) {
    this.events = events;
    this.key = key;
    this.loop = loop;
    this.watched = watched;
    this.presentation = presentation;
    this.rungSwitch = rungSwitch;
    this.clockNs = clockNs;
  }

  /** The rungs that the source has are being encoded. */
  void opened(List<PlannedRung> rungs) {
    assert loop.inEventLoop();
    EnumMap<VideoCodec, Family> opened = new EnumMap<>(VideoCodec.class);
    for (PlannedRung planned : rungs) {
      if (watched.rungs().contains(planned.rung().name())) {
        opened
            .computeIfAbsent(planned.rung().codec(), Family::new)
            .rungs
            .add(planned.rung().name());
      }
    }
    take(opened);
  }

  /**
   * Other rungs are being encoded. Of a codec that nobody watches, all make a segment when one
   * joins, as at the stream's start.
   */
  void changed(List<PlannedRung> rungs, Watched now) {
    assert loop.inEventLoop();
    watched = now;
    Map<VideoCodec, Family> before = families;
    EnumMap<VideoCodec, Family> after = new EnumMap<>(VideoCodec.class);
    EnumMap<VideoCodec, List<String>> names = new EnumMap<>(VideoCodec.class);
    for (PlannedRung planned : rungs) {
      String name = planned.rung().name();
      VideoCodec codec = planned.rung().codec();
      Family former = byRung.get(name);
      if (now.rungs().contains(name)) {
        names.computeIfAbsent(codec, _ -> new ArrayList<>()).add(name);
      }
      if (former != null && (former.codec != codec || !now.rungs().contains(name))) {
        rungSwitch.set(name, RungSwitch.Reason.UNWATCHED, false);
        presentation.listAnewBehindGap(name, false);
      }
    }
    List<Family> awaken = new ArrayList<>();
    names.forEach(
        (codec, wanted) -> {
          Family known = before.get(codec);
          Family family = known == null ? new Family(codec) : known;
          if (family.state == State.IDLE && !family.rungs.containsAll(wanted)) {
            awaken.add(family);
          }
          family.rungs.clear();
          family.rungs.addAll(wanted);
          family.before.keySet().retainAll(wanted);
          after.put(codec, family);
        });
    take(after);
    awaken.forEach(this::start);
  }

  private void take(Map<VideoCodec, Family> opened) {
    Map<String, Family> names = new ConcurrentHashMap<>();
    opened.values().forEach(family -> family.rungs.forEach(rung -> names.put(rung, family)));
    families = opened;
    byRung = names;
    if (!opened.isEmpty() && !looking) {
      looking = true;
      var unused = presentation.onUpdate(update -> started(update.rendition()));
      look();
    }
  }

  /** Somebody wants to watch a rendition. Costs nothing where that is always encoded. */
  public void request(String rendition) {
    Family family = byRung.get(rendition);
    if (family != null) {
      request(family);
    }
  }

  /** Somebody wants to watch something of this codec. */
  public void request(VideoCodec codec) {
    Family family = families.get(codec);
    if (family != null) {
      request(family);
    }
  }

  private void request(Family family) {
    family.seenNs = clockNs.getAsLong();
    family.seen = true;
    if (family.state == State.IDLE && family.asked.compareAndSet(false, true)) {
      try {
        loop.execute(() -> start(family));
      } catch (RejectedExecutionException e) {
        family.asked.set(false); // the server stops
      }
    }
  }

  /** False for a rendition whose playlist lists nothing yet that can be played now. */
  public boolean isReady(String rendition) {
    Family family = byRung.get(rendition);
    return family == null || family.state == State.RUNNING;
  }

  /** False while those of this codec are about to begin. */
  public boolean isReady(VideoCodec codec) {
    Family family = families.get(codec);
    return family == null || family.state == State.RUNNING;
  }

  private void start(Family family) {
    family.asked.set(false);
    if (family.state != State.IDLE) {
      return;
    }
    for (String rung : family.rungs) {
      family.before.put(rung, presentation.newestSegment(rung));
      rungSwitch.set(rung, RungSwitch.Reason.UNWATCHED, false);
    }
    family.state = State.STARTING;
    say(family, EventType.RUNG_WOKEN, "rungs started: somebody watches");
  }

  private void started(String rendition) {
    Family family = byRung.get(rendition);
    if (family != null
        && family.state == State.STARTING
        && family.rungs.stream().allMatch(rung -> isListed(family, rung))) {
      family.rungs.forEach(rung -> presentation.listAnewBehindGap(rung, false));
      family.state = State.RUNNING;
    }
  }

  /** A rung that has ended, or for which there is no room, is not waited for. */
  private boolean isListed(Family family, String rung) {
    return !presentation.has(rung)
        || rungSwitch.isOff(rung, RungSwitch.Reason.SHED)
        || presentation.newestSegment(rung) > family.before.getOrDefault(rung, -1L);
  }

  void close() {
    closed = true;
  }

  private void look() {
    if (closed) {
      return;
    }
    long nowNs = clockNs.getAsLong();
    for (Family family : families.values()) {
      boolean idle = !family.seen || nowNs - family.seenNs > watched.idleAfter().toNanos();
      if (idle && family.state == State.RUNNING) {
        for (String rung : family.rungs) {
          rungSwitch.set(rung, RungSwitch.Reason.UNWATCHED, true);
          presentation.listAnewBehindGap(rung, true);
        }
        family.state = State.IDLE;
        say(family, EventType.RUNG_IDLE, "rungs paused: nobody watches");
      }
    }
    if (!loop.isShuttingDown()) {
      var unused = loop.schedule(this::look, LOOK_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void say(Family family, EventType type, String message) {
    events.say(
        LOG,
        EventNote.info(type, key, message)
            .with("codec", family.codec)
            .with("rungs", List.copyOf(family.rungs)));
  }
}
