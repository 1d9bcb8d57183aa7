package io.millrace.packager;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.SegmentCipher;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.segment.SegmentListener;
import io.millrace.packager.segment.SegmentSettings;
import io.millrace.packager.segment.TrackPackager;
import io.millrace.packager.window.Bitrates;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.RenditionView;
import io.millrace.packager.window.SegmentWindow;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One rendition: its packager, its window, and the files that viewers may ask for.
 *
 * <p>Written on the owner's thread; {@link #file}, {@link #media} and {@link #info} may be read
 * from any.
 */
final class Rendition implements TrackSink, SegmentListener {
  /** What happens to the presentation as a whole. */
  interface Owner {
    void boundary(Rendition rendition, Boundary boundary);

    void interval(Rendition rendition, Interval interval);

    void problem(Rendition rendition, long sequence, String reason);
  }

  private final RenditionSpec spec;
  private final int number;
  private final Kind kind;
  private final MediaNames names;
  private final Owner owner;
  private final BooleanSupplier onOwnerThread;
  private final TrackPackager packager;
  private final SegmentWindow window;

  /** Null unless whole segments are encrypted. */
  private final @Nullable SegmentCipher segmentCipher;

  private final String contentType;

  private final Map<String, MediaObject> files = new ConcurrentHashMap<>();
  private volatile @Nullable Document media;
  private volatile RenditionInfo info;

  private @Nullable InitSegment newestInit;
  private Bitrates measured = Bitrates.NONE;
  private Bitrates published = Bitrates.NONE;

  /** Segments served by the number of their init segment. */
  private final Map<Integer, Integer> initUses = new HashMap<>();

  private long lastSequence = -1;
  private long segments;
  private long gaps;
  private boolean closed;

  /**
   * @param number tells it from the other renditions of its kind
   */
  Rendition(
      RenditionSpec spec,
      int number,
      Kind kind,
      SegmentSettings segmentSettings,
      Duration windowDuration,
      MediaNames names,
      @Nullable Protection protection,
      Owner owner,
      BooleanSupplier onOwnerThread) {
    this.spec = spec;
    this.number = number;
    this.kind = kind;
    this.names = names;
    this.owner = owner;
    this.onOwnerThread = onOwnerThread;
    boolean wholeSegments = protection != null && !protection.scheme().isCommonEncryption();
    this.segmentCipher = wholeSegments ? new SegmentCipher() : null;
    this.window = new SegmentWindow(windowDuration, onOwnerThread);
    long bitrateBps = spec.declaredBitrateBps();
    this.packager =
        switch (kind) {
          case VIDEO -> TrackPackager.video(segmentSettings, bitrateBps, protection, this);
          case AUDIO -> TrackPackager.audio(segmentSettings, bitrateBps, protection, this);
        };
    this.contentType =
        switch (kind) {
          case VIDEO -> "video/mp4";
          case AUDIO -> "audio/mp4";
        };
    this.info = new RenditionInfo(spec, kind, null, 0, 0, -1, 0, 0, 0);
  }

  @Override
  public void accept(TrackEvent event) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (closed) {
      event.release();
    } else {
      packager.accept(event);
    }
  }

  /** Seals what is open; the sink takes nothing more. */
  void finish() {
    packager.accept(new TrackEvent.End("closed"));
    close();
  }

  /** Drops what is open; the sink takes nothing more. */
  void close() {
    closed = true;
    packager.discard();
  }

  @Override
  public void init(InitSegment init) {
    newestInit = init;
    serve(init, 0);
    refreshInfo();
  }

  private void serve(InitSegment init, int moreUses) {
    initUses.merge(init.number(), moreUses, Integer::sum);
    files.computeIfAbsent(
        names.init(init.number()),
        _ -> new MediaObject(contentType, List.of(init.bytes()), init.bytes().length, 0));
  }

  @Override
  public void boundary(Boundary boundary) {
    owner.boundary(this, boundary);
  }

  @Override
  public void interval(Interval interval) {
    switch (interval) {
      case Segment segment -> {
        segments++;
        serve(segment.init(), 1);
        files.put(names.segment(segment), file(segment));
      }
      case Gap _ -> gaps += segments > 0 ? 1 : 0;
    }
    List<Interval> expired = window.add(interval);
    if (window.snapshot().isEmpty()) {
      return; // a gap before the first segment
    }
    lastSequence = interval.sequence();
    forget(expired);
    owner.interval(this, interval);
  }

  private MediaObject file(Segment segment) {
    List<byte[]> parts = segment.parts().stream().map(part -> part.bytes()).toList();
    long sizeBytes = segment.sizeBytes();
    ContentKey key = segment.init().key();
    if (segmentCipher != null && key != null) {
      byte[] encrypted = segmentCipher.encrypt(key, segment.sequence(), parts);
      parts = List.of(encrypted);
      sizeBytes = encrypted.length;
    }
    return new MediaObject(contentType, parts, sizeBytes, segment.durationUs());
  }

  @Override
  public void problem(long sequence, String reason) {
    owner.problem(this, sequence, reason);
  }

  /** Init segments go with the last segment that needs them; the newest stays. */
  private void forget(List<Interval> expired) {
    for (Interval interval : expired) {
      if (interval instanceof Segment segment) {
        files.remove(names.segment(segment));
        initUses.merge(segment.init().number(), -1, Integer::sum);
      }
    }
    int newest = newestInit == null ? -1 : newestInit.number();
    initUses
        .entrySet()
        .removeIf(
            init -> {
              boolean unused = init.getValue() == 0 && init.getKey() != newest;
              if (unused) {
                files.remove(names.init(init.getKey()));
              }
              return unused;
            });
  }

  /**
   * Measures bit rates; true when the published ones had to follow.
   *
   * @param targetUs target duration of the playlists
   */
  boolean measure(long targetUs) {
    Bitrates now = Bitrates.measure(window.snapshot().listed(), targetUs);
    if (now.averageBps() > 0) {
      measured = now;
    }
    refreshInfo();
    if (!measured.movedFrom(published)) {
      return false;
    }
    published = measured;
    return true;
  }

  private void refreshInfo() {
    info =
        new RenditionInfo(
            spec,
            kind,
            newestInit == null ? null : newestInit.format(),
            measured.peakBps(),
            measured.averageBps(),
            lastSequence,
            segments,
            gaps,
            packager.droppedSamples());
  }

  /** True once it has a segment, and so belongs into master and manifest. */
  boolean hasMedia() {
    return segments > 0;
  }

  RenditionSpec spec() {
    return spec;
  }

  int number() {
    return number;
  }

  Kind kind() {
    return kind;
  }

  SegmentWindow window() {
    return window;
  }

  long segments() {
    return segments;
  }

  long lastSequence() {
    return lastSequence;
  }

  /** Null before the first segment. */
  @Nullable RenditionView view() {
    Segment newest = window.snapshot().newestSegment();
    TrackFormat format =
        newest != null ? newest.init().format() : newestInit == null ? null : newestInit.format();
    return !hasMedia() || format == null
        ? null
        : new RenditionView(
            spec.name(),
            spec.label(),
            spec.language(),
            number,
            format,
            published,
            window.snapshot());
  }

  void media(Document document) {
    media = document;
  }

  @Nullable Document media() {
    return media;
  }

  @Nullable MediaObject file(String name) {
    return files.get(name);
  }

  RenditionInfo info() {
    return info;
  }
}
