package io.millrace.packager;

import static java.util.Objects.requireNonNull;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.SegmentCipher;
import io.millrace.packager.cue.CueSnapshot;
import io.millrace.packager.cue.ListedCues;
import io.millrace.packager.dash.Timeline;
import io.millrace.packager.dvr.DvrWindow;
import io.millrace.packager.dvr.FileRange;
import io.millrace.packager.dvr.StoredInterval;
import io.millrace.packager.hls.KeyTags;
import io.millrace.packager.hls.Lines;
import io.millrace.packager.hls.LowLatency;
import io.millrace.packager.hls.MediaPlaylist;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Opening;
import io.millrace.packager.segment.Packager;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.PartGrid;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.segment.SegmentListener;
import io.millrace.packager.segment.SegmentSettings;
import io.millrace.packager.segment.TextPackager;
import io.millrace.packager.segment.TrackPackager;
import io.millrace.packager.text.CueBook;
import io.millrace.packager.window.BitrateMeter;
import io.millrace.packager.window.Bitrates;
import io.millrace.packager.window.Entry;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.OpenSegment;
import io.millrace.packager.window.RenditionView;
import io.millrace.packager.window.SegmentWindow;
import io.millrace.packager.window.Stretch;
import io.millrace.packager.window.WindowSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One rendition: its packager, its window, and the files that viewers may ask for.
 *
 * <p>Written on the owner's thread; {@link #file}, {@link #open}, {@link #playlist} and {@link
 * #info} may be read from any.
 */
final class Rendition implements TrackSink, SegmentListener {
  /** Intervals without media between what was published earlier and what comes. */
  private static final long MAX_HOLE = 512;

  /** What a duration may be above whole seconds that it is rounded to (RFC 8216bis §4.4.3.1). */
  private static final long ROUNDED_DOWN_US = 499_999;

  /** Playlists list the parts of so many target durations (RFC 8216bis §6.2.2: at least three). */
  private static final int PARTS_TARGETS = 3;

  /** What happens to the presentation as a whole. */
  interface Owner {
    void boundary(Rendition rendition, Boundary boundary);

    /** A segment has begun that manifests may announce. */
    void opened(Rendition rendition, Opening opening);

    /** The playlist reaches further by a part. */
    void part(Rendition rendition);

    /** An interval is over and listed. */
    void interval(Rendition rendition, Interval interval);

    /** Discontinuities of the stream at sequence numbers before this one. */
    long discontinuitiesBefore(long sequence);

    /** Target duration of the playlists that list the interval. */
    long targetDurationS(Interval interval);

    void problem(Rendition rendition, long sequence, String reason);
  }

  private RenditionSpec spec;
  private final int number;
  private final Kind kind;
  private final MediaNames names;
  private final Owner owner;
  private final BooleanSupplier onOwnerThread;
  private final Packager packager;
  private final Supplier<SegmentWindow> windows;
  private volatile SegmentWindow window;
  private final KeyTags keys;

  /** Null unless whole segments are encrypted. */
  private final @Nullable SegmentCipher segmentCipher;

  private final String contentType;
  private final BitrateMeter meter = new BitrateMeter();
  private final OpenFiles open;
  private boolean listsAnew;

  /** Null where media is kept in memory only. */
  private final @Nullable DvrWindow past;

  private final Map<String, MediaObject> files = new ConcurrentHashMap<>();
  private volatile @Nullable LivePlaylist playlist;
  private volatile RenditionInfo info;

  private @Nullable InitSegment newestInit;
  private Bitrates measured = Bitrates.NONE;
  private Bitrates published = Bitrates.NONE;

  /** Segments served by the number of their init segment. */
  private final Map<Integer, Integer> initUses = new HashMap<>();

  private @Nullable Lines lines;
  private ListedCues listedCues = ListedCues.NONE;
  private long boundaryTicks = -1;

  /** Between the last two boundaries; the target before there are two. */
  private final UsualLength usualLength;

  private long partTargetUs;
  private long lastSequence = -1;

  /** Of the last part that is listed: a gap may be behind it (RFC 8216bis §4.4.5.4). */
  private long lastPartSequence = -1;

  private int lastPart;
  private long segments;
  private long gaps;

  /** Nothing older may be listed unless it is in memory. */
  private long availableFrom;

  /** Has been published earlier, and not again yet. */
  private boolean resting;

  /** Will be published again. */
  private boolean claimed;

  /** Has come back, and has no segment yet. */
  private boolean revived;

  /** Segments before it came back. */
  private long formerSegments;

  private boolean closed;

  /**
   * What a text rendition is made of.
   *
   * @param mediaEndTicks where the media of the other renditions ends so far
   */
  record TextSource(CueBook book, LongSupplier mediaEndTicks) {}

  /**
   * @param number tells it from the other renditions of its kind
   * @param hot how much of the window keeps its media in memory, where there is a {@code past}
   * @param text null for all but text
   */
  Rendition(
      RenditionSpec spec,
      int number,
      Kind kind,
      SegmentSettings segmentSettings,
      Duration targetSegment,
      Duration windowDuration,
      Duration hot,
      MediaNames names,
      @Nullable Protection protection,
      @Nullable DvrWindow past,
      @Nullable TextSource text,
      Owner owner,
      BooleanSupplier onOwnerThread) {
    this.spec = spec;
    this.number = number;
    this.kind = kind;
    this.names = kind == Kind.TEXT ? names.withExtension(".vtt") : names;
    this.owner = owner;
    this.onOwnerThread = onOwnerThread;
    this.usualLength =
        new UsualLength(Timescale.MICROS.rescale(us(targetSegment), Timescale.VIDEO));
    boolean wholeSegments = protection != null && !protection.scheme().isCommonEncryption();
    this.segmentCipher = wholeSegments ? new SegmentCipher() : null;
    this.keys = KeyTags.of(protection);
    this.past = past;
    Stretch.Writer stretches = kind == Kind.TEXT ? Stretch.Writer.NONE : Timeline::stretch;
    this.windows =
        () ->
            past == null
                ? new SegmentWindow(windowDuration, stretches, onOwnerThread)
                : new SegmentWindow(windowDuration, hot, stretches, onOwnerThread);
    this.window = windows.get();
    long bitrateBps = spec.declaredBitrateBps();
    this.packager =
        switch (kind) {
          case VIDEO -> TrackPackager.video(segmentSettings, bitrateBps, protection, this);
          case AUDIO -> TrackPackager.audio(segmentSettings, bitrateBps, protection, this);
          case TEXT -> textPackager(TextPackager.Form.WEBVTT, requireNonNull(text));
          case TEXT_CMAF -> textPackager(TextPackager.Form.CMAF, requireNonNull(text));
        };
    this.contentType =
        switch (kind) {
          case VIDEO -> "video/mp4";
          case AUDIO -> "audio/mp4";
          case TEXT -> "text/vtt";
          case TEXT_CMAF -> "application/mp4";
        };
    this.open = new OpenFiles(contentType, this.names, kind != Kind.TEXT);
    this.info = new RenditionInfo(spec, kind, null, 0, 0, -1, 0, 0, 0);
  }

  /**
   * Lists what was published earlier. Before the first event.
   *
   * @param epoch wall-clock time of tick 0
   */
  void restore(DvrWindow earlier, Instant epoch) {
    if (packager instanceof TrackPackager track) {
      track.knows(earlier.inits());
    }
    lines = new Lines(names, epoch, true, keys);
    resting = true;
    for (StoredInterval stored : earlier.list(0, Long.MAX_VALUE)) {
      Interval interval = Past.listed(stored, earlier);
      if (interval == null) {
        continue; // removed at this instant, and all before it
      }
      if (interval instanceof Segment segment) {
        segments++;
        newestInit = segment.init();
        serve(segment.init(), 1);
      }
      enter(interval);
    }
    boolean _ = measure();
  }

  /** True where it has been published earlier, and nobody is about to publish it again. */
  boolean isResting() {
    return resting && !claimed;
  }

  /** It is published again, as this. */
  void wake(RenditionSpec now) {
    spec = now;
    claimed = true;
    refreshInfo();
  }

  /** Lists nothing any more that is neither in memory nor on disk; true when that changed it. */
  boolean trim() {
    long before = window.snapshot().firstSequence();
    forget(window.trim(available()));
    return window.snapshot().firstSequence() != before;
  }

  private long available() {
    if (past != null) {
      availableFrom = Math.max(availableFrom, past.firstSequence());
    }
    return availableFrom;
  }

  private TextPackager textPackager(TextPackager.Form form, TextSource text) {
    return new TextPackager(form, text.book(), text.mediaEndTicks(), this);
  }

  /** Another rendition has so many parts of a segment. */
  void reach(long sequence, int parts) {
    if (packager instanceof TextPackager text && !closed) {
      text.reach(sequence, parts);
    }
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

  /**
   * It is over, and may come back: what it has made is served until {@link #forgetMedia}, and
   * nothing lists it.
   */
  void retire() {
    finish();
    playlist = null;
  }

  /** What it has made is not served any more. */
  void forgetMedia() {
    files.clear();
    initUses.clear();
    window = windows.get();
  }

  /**
   * It comes back, as this: its playlist begins anew, at its siblings' number, and its names are
   * not given to something else.
   */
  void revive(RenditionSpec now) {
    closed = false;
    revived = true;
    formerSegments = segments;
    boundaryTicks = -1;
    redeclare(now);
  }

  /** Another place in the ladder, and what its encoder is asked for. */
  void redeclare(RenditionSpec now) {
    spec = now;
    if (packager instanceof TrackPackager track) {
      track.declare(now.declaredBitrateBps());
    }
    refreshInfo();
  }

  /** Drops what is open; the sink takes nothing more. */
  void close() {
    closed = true;
    packager.discard();
    open.close();
    window.open(null);
  }

  @Override
  public void init(InitSegment init) {
    newestInit = init;
    serve(init, 0);
    refreshInfo();
  }

  private void serve(InitSegment init, int moreUses) {
    initUses.merge(init.number(), moreUses, Integer::sum);
    if (init.bytes().length == 0) {
      return; // its segments need none
    }
    files.computeIfAbsent(
        names.init(init.number()),
        _ -> new MediaObject(contentType, List.of(init.bytes()), init.bytes().length, 0));
  }

  /**
   * @throws IllegalArgumentException for parts where whole segments are encrypted: those are
   *     resources of their own, which that does not cover
   */
  @Override
  public void boundary(Boundary boundary) {
    if (segmentCipher != null && boundary.partTicks() > 0) {
      throw new IllegalArgumentException("AES-128 encrypts whole segments: it excludes parts");
    }
    if (lines == null || (boundary.partTicks() > 0 && !lines.dated())) {
      lines = new Lines(names, boundary.epoch(), boundary.partTicks() > 0, keys);
    }
    if (boundaryTicks >= 0) {
      usualLength.add(boundary.startTicks() - boundaryTicks);
    }
    boundaryTicks = boundary.startTicks();
    owner.boundary(this, boundary);
    if (resting) {
      resting = false;
      bridge(boundary);
    }
  }

  /** Numbers that were used up since the rendition was published last become gaps. */
  private void bridge(Boundary boundary) {
    long first = lastSequence + 1;
    long count = boundary.sequence() - first;
    Interval newest = window.newest();
    if (newest == null || count <= 0 || count > MAX_HOLE) {
      return;
    }
    Timescale timescale = newest.timescale();
    long startTicks = newest.endTicks();
    long endTicks = Timescale.VIDEO.rescale(boundary.startTicks(), timescale);
    // Rounded, each may be as long as the target: numbers were counted from where the longest track
    // ended, which this one need not be.
    long mostUs = owner.targetDurationS(newest) * 1_000_000 + ROUNDED_DOWN_US;
    long most = Timescale.MICROS.rescale(mostUs, timescale) * count;
    long holeTicks = Math.clamp(endTicks - startTicks, 0, most);
    for (long i = 0; i < count; i++) {
      long start = startTicks + Timescale.scale(holeTicks, i, count);
      list(
          new Gap(
              first + i,
              false,
              timescale.rescale(start, Timescale.VIDEO),
              timescale,
              start,
              startTicks + Timescale.scale(holeTicks, i + 1, count)));
    }
  }

  @Override
  public void opened(Opening opening) {
    if (opening.boundary().partTicks() == 0) {
      return;
    }
    partTargetUs = Math.max(partTargetUs, longestPartUs(opening));
    serve(opening.init(), 1);
    open.open(opening, expectedTicks(opening));
    window.open(openInSequence());
    owner.opened(this, opening);
  }

  /** If the segment lasts as long as segments usually do, with whole frames of audio. */
  private long expectedTicks(Opening opening) {
    Timescale timescale = opening.init().timescale();
    long endTicks =
        Timescale.VIDEO.rescale(opening.boundary().startTicks() + usualLength.ticks(), timescale);
    long ticks = Math.max(1, endTicks - opening.startTicks());
    return switch (opening.init().format()) {
      case TrackFormat.Video _, TrackFormat.Text _ -> ticks;
      case TrackFormat.Audio audio ->
          Math.ceilDiv(ticks, audio.samplesPerFrame()) * audio.samplesPerFrame();
    };
  }

  /** Video and text are cut on their lines to the tick, audio at whole frames. Rounded up. */
  private static long longestPartUs(Opening opening) {
    Timescale timescale = opening.init().timescale();
    long ticks =
        switch (opening.init().format()) {
          case TrackFormat.Video _, TrackFormat.Text _ -> opening.boundary().partTicks();
          case TrackFormat.Audio audio ->
              PartGrid.of(opening.boundary(), timescale).longestTicks(audio.samplesPerFrame());
        };
    return Math.ceilDiv(Math.multiplyExact(ticks, 1_000_000), timescale.ticksPerSecond());
  }

  /** The open segment, if it is the one behind what is listed. */
  private @Nullable OpenSegment openInSequence() {
    OpenSegment segment = open.snapshot();
    return segment == null || segment.sequence() != lastSequence + 1 ? null : segment;
  }

  @Override
  public void part(long sequence, Part part, boolean last) {
    Opening opening = open.opening();
    if (opening == null || opening.sequence() != sequence) {
      return; // the segment is one part
    }
    long us =
        opening.init().timescale().rescale(part.endTicks(), Timescale.MICROS)
            - opening.init().timescale().rescale(part.startTicks(), Timescale.MICROS);
    files.put(
        names.part(sequence, open.parts()),
        new MediaObject(contentType, List.of(part.bytes()), part.bytes().length, us));
    open.part(part);
    window.open(openInSequence());
    if (!last && lastSequence >= 0) {
      owner.part(this);
    }
  }

  @Override
  public void givenUp(long sequence) {
    open.giveUp(sequence);
  }

  @Override
  public void interval(Interval interval) {
    Interval ended = interval;
    switch (interval) {
      case Segment segment -> {
        segments++;
        boolean announced = isOpen(interval);
        serve(segment.init(), announced ? 0 : 1);
        files.put(names.segment(segment), file(segment));
        if (announced) {
          lastPart(segment);
        }
        open.seal(segment);
      }
      case Gap gap -> {
        gaps += segments > 0 ? 1 : 0;
        ended = given(gap);
        lastPart(ended);
        open.closed(interval.sequence());
      }
    }
    list(ended);
  }

  private void lastPart(Interval of) {
    if (!of.parts().isEmpty()) {
      lastPartSequence = of.sequence();
      lastPart = of.parts().size() - 1;
    }
  }

  /**
   * Parts that have been listed stay listed (RFC 8216bis §6.2.1), and the others of their segment
   * are told to be missing. Not where they have a header of their own: it would be that of a gap.
   */
  private Gap given(Gap gap) {
    Opening opening = open.opening();
    OpenSegment announced = open.snapshot();
    if (!isOpen(gap) || opening == null || announced == null) {
      return gap;
    }
    initUses.merge(opening.init().number(), -1, Integer::sum);
    boolean sameHeader =
        opening.init().is(window.map())
            && opening.init().timescale().equals(gap.timescale())
            && !window.startsAnew(gap);
    if (announced.parts().isEmpty() || !sameHeader) {
      forgetParts(gap.sequence(), open.parts());
      return gap;
    }
    return gap.announced(announced.parts(), PartGrid.of(opening.boundary(), gap.timescale()));
  }

  private boolean isOpen(Interval interval) {
    Opening opening = open.opening();
    return opening != null && opening.sequence() == interval.sequence();
  }

  private void list(Interval interval) {
    if (past != null) {
      past.add(interval, owner.discontinuitiesBefore(interval.sequence()));
    }
    if (enter(interval)) {
      owner.interval(this, interval);
    }
  }

  /** The next segment behind a gap is the first one listed. */
  void listAnewBehindGap(boolean anew) {
    listsAnew = anew;
  }

  /** False for a gap before the first segment, which is not listed. */
  private boolean enter(Interval interval) {
    if ((listsAnew || revived) && interval instanceof Segment) {
      if (window.newest() instanceof Gap) {
        listsAnew = false;
        window.startAnewAtNext();
      }
      revived = false;
    }
    Interval before = window.startsAnew(interval) ? null : window.newest();
    byte[] text = requireNonNull(lines).interval(interval, before, window.map());
    long targetUs = owner.targetDurationS(interval) * 1_000_000;
    SegmentWindow.Change change =
        window.add(
            interval,
            text,
            LowLatency.skipUntilUs(targetUs / 1_000_000),
            PARTS_TARGETS * targetUs,
            available());
    if (window.snapshot().isEmpty()) {
      return false;
    }
    lastSequence = interval.sequence();
    forget(change);
    meter.add(interval, window.snapshot().firstSequence(), targetUs);
    return true;
  }

  private MediaObject file(Segment segment) {
    byte[] whole = packager.whole();
    List<byte[]> parts =
        whole != null ? List.of(whole) : segment.parts().stream().map(Part::bytes).toList();
    long sizeBytes = whole != null ? whole.length : segment.sizeBytes();
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

  private void forgetParts(long sequence, int count) {
    for (int i = 0; i < count; i++) {
      files.remove(names.part(sequence, i));
    }
  }

  /** Init segments go with the last segment that needs them; the newest stays. */
  private void forget(SegmentWindow.Change change) {
    for (Interval interval : change.whole()) {
      forgetParts(interval.sequence(), interval.parts().size());
    }
    for (Interval interval : change.cooled()) {
      if (interval instanceof Segment segment) {
        files.remove(names.segment(segment));
        StoredInterval stored = past == null ? null : past.find(segment.sequence());
        if (stored == null || stored.isGap()) {
          availableFrom =
              segment.sequence() + 1; // the disk was full, or slower than memory is long
        }
      }
    }
    for (Interval interval : change.expired()) {
      forgetParts(interval.sequence(), interval.parts().size());
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

  /** Takes over the measured bit rates; true when the published ones had to follow, aloud. */
  boolean measure() {
    Bitrates now = meter.rates();
    if (now.averageBps() > 0) {
      measured = now;
    }
    refreshInfo();
    if (!measured.movedFrom(published)) {
      return false;
    }
    published = measured;
    return !kind.isText(); // there it moves with every word, and nobody chooses by it
  }

  private static long us(Duration duration) {
    return duration.toNanos() / 1_000;
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
    return segments() > 0;
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

  /** Since it came back, where it did. */
  long segments() {
    return segments - formerSegments;
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

  /**
   * What of the playlist lies between two instants of the stream's time; null without media in
   * there. Any thread.
   */
  Clip.@Nullable Piece piece(long startUs, long endUs) {
    LivePlaylist listed = playlist;
    RenditionInfo now = info;
    TrackFormat format = now.format();
    if (listed == null || format == null) {
      return null;
    }
    MediaPlaylist cut = listed.source().between(startUs, endUs);
    Segment newest = cut.window().newestSegment();
    Bitrates bitrates = new Bitrates(now.peakBitrateBps(), now.averageBitrateBps());
    return newest == null
        ? null
        : new Clip.Piece(
            new RenditionView(
                now.spec().name(),
                now.spec().label(),
                now.spec().language(),
                number,
                newest.init().format(),
                bitrates,
                cut.window()),
            kind,
            cut);
  }

  /** How far the playlist reaches. */
  Edge edge() {
    OpenSegment segment = window.snapshot().open();
    return new Edge(lastSequence + 1, segment == null ? 0 : segment.parts().size());
  }

  /** The newest sequence number of which there is something to play. */
  long reachedSequence() {
    OpenSegment segment = window.snapshot().open();
    return segment == null ? lastSequence : segment.sequence();
  }

  /** How far it reaches, for another rendition's playlist; null before the first segment. */
  LowLatency.@Nullable Report report() {
    if (window.snapshot().isEmpty()) {
      return null;
    }
    Edge edge = edge();
    String uri = "../" + MediaNames.pathSegment(spec.name()) + "/media.m3u8";
    if (edge.openParts() > 0) {
      return new LowLatency.Report(uri, edge.openSequence(), edge.openParts() - 1);
    }
    return lastPartSequence < window.snapshot().firstSequence()
        ? new LowLatency.Report(uri, lastSequence, -1)
        : new LowLatency.Report(uri, lastPartSequence, lastPart);
  }

  /** No part is longer; 0 as long as there were none. */
  long partTargetUs() {
    return partTargetUs;
  }

  /** Names and opens the part that comes next. */
  String hint() {
    return open.hint(edge());
  }

  Lines lines() {
    return requireNonNull(lines);
  }

  /** What its next playlist says of cues. */
  ListedCues listed(CueSnapshot cues, Instant now, long targetDurationS) {
    listedCues =
        listedCues.followedBy(cues, now, now.minus(MediaPlaylist.remembered(targetDurationS)));
    return listedCues;
  }

  void playlist(LivePlaylist newer) {
    playlist = newer;
  }

  @Nullable LivePlaylist playlist() {
    return playlist;
  }

  @Nullable OpenMedia open(String name) {
    return open.find(name);
  }

  @Nullable MediaObject file(String name) {
    return files.get(name);
  }

  /**
   * What a player means that has counted on from a length that was only expected: see {@link
   * Presentation#meant}.
   */
  @Nullable String meant(String fileName) {
    long ticks = names.segmentStart(fileName);
    WindowSnapshot now = window.snapshot();
    OpenSegment growing = now.open();
    if (ticks < 0) {
      return null;
    }
    if (growing != null && isNear(ticks, growing.opening().startTicks(), growing.expectedTicks())) {
      return names.segment(growing.opening().startTicks());
    }
    for (Entry each = now.firstInParts(); each != null; each = now.after(each)) {
      if (each.interval() instanceof Segment segment
          && isNear(ticks, segment.startTicks(), segment.endTicks() - segment.startTicks())) {
        return names.segment(segment);
      }
    }
    return null;
  }

  private static boolean isNear(long ticks, long startTicks, long lengthTicks) {
    return Math.abs(ticks - startTicks) < lengthTicks / 4;
  }

  /** Where a segment's bytes are on disk; null where they are not. */
  @Nullable FileRange range(Segment segment) {
    return past == null ? null : past.range(names.segment(segment));
  }

  /** Where a file is on disk that is not in memory; null where it is not there either. */
  @Nullable StoredMedia stored(String name) {
    FileRange range = past == null ? null : past.range(name);
    return range == null ? null : new StoredMedia(contentType, range);
  }

  RenditionInfo info() {
    return info;
  }
}
