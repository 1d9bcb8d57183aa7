package io.millrace.packager;

import static java.util.Objects.requireNonNull;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.caption.CaptionServices;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.cue.CueLog;
import io.millrace.packager.dash.SideData;
import io.millrace.packager.dvr.DvrStream;
import io.millrace.packager.dvr.DvrWindow;
import io.millrace.packager.dvr.StoredInterval;
import io.millrace.packager.hls.LowLatency;
import io.millrace.packager.hls.MediaPlaylist;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Opening;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.segment.SegmentSettings;
import io.millrace.packager.text.CueBook;
import io.millrace.packager.window.DiscontinuityLog;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.PeriodLog;
import io.millrace.packager.window.WindowSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One stream as its viewers see it: renditions are written through sinks; playlists, manifests and
 * media are read as immutable objects, rendered once per update for everybody.
 *
 * <p>A rendition counts as long as it gets boundaries: one whose encoder has died should be given
 * the stream's boundaries (it then shows gaps) or be {@link #remove}d; one that is not made any
 * more is {@link #retire}d.
 *
 * <p>Threads: sinks, {@link #video}, {@link #audio}, {@link #remove}, {@link #retire} and {@link
 * #close} belong to the owner's thread (asserted). Everything else may be called from any thread
 * and never blocks.
 */
public final class Presentation implements AutoCloseable {
  private static final int MIN_LISTED_SEGMENTS = 3;

  /** Names that are not given to something else. */
  private static final int MAX_RETIRED = 64;

  /** Twice what delta playlists keep. */
  private static final int HOT_TARGETS = 12;

  /**
   * PART-HOLD-BACK in parts of the rendition with the longest. At least three (RFC 8216bis
   * §4.4.3.8); one more lets a part be a whole part late.
   */
  private static final int HOLD_BACK_PARTS = 4;

  /** What is served from memory, at least, where there is a disk for the rest. */
  public static final Duration MIN_HOT = Duration.ofSeconds(30);

  private static final Duration MIN_AUDIO_LAG = Duration.ofSeconds(1);
  private static final Comparator<Rendition> LADDER_ORDER =
      Comparator.comparingInt((Rendition rendition) -> rendition.spec().order())
          .thenComparing(rendition -> rendition.spec().name());

  private final PresentationSettings settings;
  private final @Nullable Protection protection;
  private final BooleanSupplier onOwnerThread;
  private final InstantSource clock;
  private final MediaNames names;
  private final @Nullable Past past;
  private final Documents documents = new Documents();
  private final CpuTime packaging = new CpuTime();
  private final MasterView masterView;
  private final DiscontinuityLog discontinuities = new DiscontinuityLog();
  private final PeriodLog periods = new PeriodLog();
  private final Events events = new Events();
  private final CueLog cues = new CueLog();
  private CaptionServices captions = CaptionServices.NONE;

  private final Map<String, Rendition> renditions = new ConcurrentHashMap<>();

  /** Those that are over and may come back. */
  private final Map<String, Rendition> retired = new ConcurrentHashMap<>();

  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final List<Consumer<PresentationUpdate>> updateListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<PackagingProblem>> problemListeners = new CopyOnWriteArrayList<>();
  private final List<MediaListener> mediaListeners = new CopyOnWriteArrayList<>();

  /** Renditions whose open segment has another init segment than the one before. */
  private final Set<String> newInits = new HashSet<>();

  private volatile @Nullable Instant epoch;
  private volatile Clip.@Nullable Shared shared;
  private long longestUs;
  private volatile long targetS;
  private volatile long partTargetUs;
  private boolean closed;

  /** Closed for so long that nobody is at the live edge any more. */
  private boolean onDemand;

  private final AtomicLong version = new AtomicLong();

  /**
   * @param onOwnerThread true on the only thread that writes
   */
  public Presentation(PresentationSettings settings, BooleanSupplier onOwnerThread) {
    this(settings, onOwnerThread, InstantSource.system());
  }

  /**
   * @param clock tells when a document was rendered
   */
  public Presentation(
      PresentationSettings settings, BooleanSupplier onOwnerThread, InstantSource clock) {
    this(settings, null, onOwnerThread, clock);
  }

  /**
   * @param protection encrypts the media, and is this presentation's alone; null: it stays clear.
   *     AES-128 takes no boundaries with parts
   * @param onOwnerThread true on the only thread that writes
   * @param clock tells when a document was rendered
   */
  public Presentation(
      PresentationSettings settings,
      @Nullable Protection protection,
      BooleanSupplier onOwnerThread,
      InstantSource clock) {
    this(settings, protection, null, onOwnerThread, clock);
  }

  /**
   * @param protection encrypts the media, and is this presentation's alone; null: it stays clear.
   *     AES-128 takes no boundaries with parts
   * @param dvr keeps on disk what memory does not: the window is as long as the settings say, and
   *     {@link #MIN_HOT} of it are in memory. The stream's events go on where it ends, see {@link
   *     #resume}. Null: all is in memory
   * @param onOwnerThread true on the only thread that writes
   * @param clock tells when a document was rendered
   */
  public Presentation(
      PresentationSettings settings,
      @Nullable Protection protection,
      @Nullable DvrStream dvr,
      BooleanSupplier onOwnerThread,
      InstantSource clock) {
    this.past = dvr == null ? null : new Past(dvr);
    this.protection = protection;
    this.settings = settings;
    this.onOwnerThread = onOwnerThread;
    this.clock = clock;
    this.targetS = settings.targetSegment().plusNanos(999_999_999).toSeconds();
    String instance = dvr == null ? settings.instance() : dvr.instance();
    this.names = new MediaNames(instance.isEmpty() ? Long.toString(clock.millis(), 36) : instance);
    this.masterView =
        new MasterView(
            settings.readyDeadlineSegments(),
            listed(settings),
            settings.startBehind(),
            new MasterView.Fixed(names, protection),
            documents);
  }

  /**
   * Declares a video rendition. Its sink takes the events of one rendition in order: Format,
   * Boundary, Samples, Boundary, … and ignores those of audio tracks.
   *
   * @throws IllegalArgumentException if the name is taken
   * @throws IllegalStateException if closed
   */
  public TrackSink video(RenditionSpec spec) {
    return timed(add(spec, Kind.VIDEO));
  }

  /**
   * Declares an audio rendition; its sink ignores events of the video track.
   *
   * @throws IllegalArgumentException if the name is taken
   * @throws IllegalStateException if closed
   */
  public TrackSink audio(RenditionSpec spec) {
    return timed(add(spec, Kind.AUDIO));
  }

  private TrackSink timed(TrackSink rendition) {
    return event -> packaging.spend(() -> rendition.accept(event));
  }

  /**
   * Declares a text track: a rendition of WebVTT files for HLS, named as {@code spec}, and one of
   * CMAF for DASH. It takes the stream's boundaries, and cues.
   *
   * @param spec with a language
   * @throws IllegalArgumentException if the name is taken
   * @throws IllegalStateException if closed
   */
  public TextTrack text(RenditionSpec spec) {
    CueBook book = new CueBook();
    Rendition.TextSource source = new Rendition.TextSource(book, this::mediaEndTicks);
    Rendition files = add(spec, Kind.TEXT, source);
    Rendition fragments = add(TextTrack.inCmaf(spec), Kind.TEXT_CMAF, source);
    return new TextTrack(book, List.of(files, fragments));
  }

  private long mediaEndTicks() {
    long us = renditions.values().stream().mapToLong(Presentation::mediaEndUs).max().orElse(0);
    return Timescale.MICROS.rescale(us, Timescale.VIDEO);
  }

  private static long mediaEndUs(Rendition rendition) {
    Interval newest = rendition.kind().isText() ? null : rendition.window().newest();
    return newest == null ? 0 : newest.endUs();
  }

  private Rendition add(RenditionSpec spec, Kind kind) {
    return add(spec, kind, null);
  }

  private Rendition add(RenditionSpec spec, Kind kind, Rendition.@Nullable TextSource text) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (closed) {
      throw new IllegalStateException("presentation is closed");
    }
    Rendition known = renditions.get(spec.name());
    if (known != null && known.isResting() && known.kind() == kind) {
      known.wake(spec);
      return known;
    }
    if (known != null) {
      throw new IllegalArgumentException("rendition exists: " + spec.name());
    }
    Rendition former = retired.remove(spec.name());
    if (former != null && former.kind() == kind) {
      former.revive(spec);
      renditions.put(spec.name(), former);
      return former;
    }
    return create(spec, kind, text);
  }

  private Rendition create(RenditionSpec spec, Kind kind, Rendition.@Nullable TextSource text) {
    Duration target = settings.targetSegment();
    SegmentSettings segmentSettings =
        new SegmentSettings(
            target.compareTo(MIN_AUDIO_LAG) > 0 ? target : MIN_AUDIO_LAG,
            settings.maxSegment(),
            settings.maxSegmentBytes());
    Rendition rendition =
        new Rendition(
            spec,
            freeNumber(kind),
            kind,
            segmentSettings,
            target,
            listed(settings),
            hot(settings),
            names,
            protection,
            past == null || kind.isText() ? null : past.window(spec),
            text,
            events,
            onOwnerThread);
    renditions.put(spec.name(), rendition);
    return rendition;
  }

  /** So much that a playlist's parts, and what its deltas keep, are all in memory. */
  private static Duration hot(PresentationSettings settings) {
    Duration targets = settings.targetSegment().multipliedBy(HOT_TARGETS);
    return targets.compareTo(MIN_HOT) > 0 ? targets : MIN_HOT;
  }

  /**
   * Lists what was published earlier and is on disk; whoever publishes again goes on with it. Once,
   * before anything else.
   */
  public void restore() {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    Past earlier = past;
    if (earlier == null) {
      return;
    }
    epoch = earlier.stream().epoch();
    for (Past.Stored stored : earlier.renditions()) {
      create(stored.spec(), stored.kind(), null);
    }
    restoreLogs(earlier.stream());
    for (Rendition rendition : renditions.values()) {
      rendition.restore(earlier.window(rendition.spec()), earlier.stream().epoch());
      renewPlaylist(rendition);
    }
    if (!renditions.isEmpty()) {
      renderShared(true);
    }
  }

  private void restoreLogs(DvrStream stream) {
    TreeMap<Long, StoredInterval> all = new TreeMap<>();
    for (String name : renditions.keySet()) {
      DvrWindow window = requireNonNull(stream.find(name));
      for (StoredInterval interval : window.list(0, Long.MAX_VALUE)) {
        all.merge(
            interval.sequence(), interval, (one, other) -> other.discontinuity() ? other : one);
        if (!interval.isGap()) {
          periods.add(name, interval.initNumber(), interval.sequence(), interval.boundaryTicks());
        }
      }
    }
    if (!all.isEmpty()) {
      discontinuities.startWith(all.firstEntry().getValue().discontinuitiesBefore());
    }
    for (StoredInterval interval : all.values()) {
      discontinuities.add(interval.sequence(), interval.discontinuity());
      periods.add(interval.sequence(), interval.discontinuity(), interval.boundaryTicks());
    }
  }

  /** Takes out what was published earlier and is not any more: all renditions are declared now. */
  public void declared() {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    renditions.values().stream()
        .filter(Rendition::isResting)
        .map(rendition -> rendition.spec().name())
        .toList()
        .forEach(this::remove);
  }

  /**
   * Where a stream goes on.
   *
   * @param epoch wall-clock time of tick 0
   * @param nextSequence 0: nothing has been published yet
   * @param endTicks where what was published ends, in {@link Timescale#VIDEO} ticks
   * @param formats that renditions had at the end
   */
  public record Resume(Instant epoch, long nextSequence, long endTicks, List<TrackFormat> formats) {
    public Resume {
      formats = List.copyOf(formats);
    }
  }

  /** Null where nothing is kept on disk. */
  public @Nullable Resume resume() {
    if (past == null) {
      return null;
    }
    DvrStream stream = past.stream();
    long endUs = Math.max(0, stream.endUs());
    return new Resume(
        stream.epoch(),
        stream.nextSequence(),
        Timescale.MICROS.rescale(endUs, Timescale.VIDEO),
        past.newestFormats());
  }

  /**
   * Lists nothing any more that has left the disk; what has been closed becomes a video on demand.
   * Now and then.
   */
  public void trim() {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (past == null) {
      return;
    }
    boolean changed = closed && !onDemand;
    onDemand = closed;
    for (Rendition rendition : renditions.values()) {
      if (rendition.trim() | changed) {
        changed = true;
        renewPlaylist(rendition);
      }
    }
    if (changed) {
      renderShared(false);
      renditions.values().forEach(this::tell);
    }
  }

  /** The lowest number that no rendition of the kind has, nor one that may come back. */
  private int freeNumber(Kind kind) {
    Set<Integer> taken = new HashSet<>();
    Stream.concat(renditions.values().stream(), retired.values().stream())
        .filter(rendition -> rendition.kind() == kind)
        .forEach(rendition -> taken.add(rendition.number()));
    int number = 0;
    while (taken.contains(number)) {
      number++;
    }
    return number;
  }

  /** Players want at least three segments (RFC 8216bis §6.2.2). */
  private static Duration listed(PresentationSettings settings) {
    Duration least = settings.targetSegment().multipliedBy(MIN_LISTED_SEGMENTS);
    return settings.window().compareTo(least) > 0 ? settings.window() : least;
  }

  /**
   * Takes a cue of the stream: splices go into playlists and manifest with their next update, ID3
   * tags into the media of video renditions, or of audio where there is no video. Releases nothing:
   * a cue holds nothing.
   */
  public void cue(Cue cue) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (closed) {
      return;
    }
    long newest =
        renditions.values().stream()
            .filter(rendition -> !rendition.kind().isText())
            .mapToLong(Rendition::lastSequence)
            .max()
            .orElse(-1);
    long edgeUs = renditions.values().stream().mapToLong(Presentation::mediaEndUs).max().orElse(0);
    boolean _ = cues.accept(cue, newest + 1, Timescale.MICROS.rescale(edgeUs, Timescale.VIDEO));
    boolean pictures = renditions.values().stream().anyMatch(r -> r.kind() == Kind.VIDEO);
    for (Rendition rendition : renditions.values()) {
      if (!pictures || rendition.kind() == Kind.VIDEO) {
        rendition.accept(cue);
      }
    }
  }

  /** Cues that no playlist reaches back to. */
  private void forgetCues(List<Rendition> present) {
    present.stream()
        .flatMap(rendition -> Stream.ofNullable(rendition.window().snapshot().first()))
        .mapToLong(entry -> entry.interval().startUs())
        .min()
        .ifPresent(us -> cues.forgetBefore(Timescale.MICROS.rescale(us, Timescale.VIDEO)));
  }

  /** The captions that every video rendition carries; master and manifest tell of a change. */
  public void captions(CaptionServices services) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (closed || services.equals(captions)) {
      return;
    }
    captions = services;
    renderShared(true);
  }

  /** Takes a rendition out at once: out of the master and manifest, and its files are gone. */
  public void remove(String name) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    Rendition rendition = renditions.remove(name);
    if (rendition == null) {
      return;
    }
    rendition.close();
    periods.forget(name);
    newInits.remove(name);
    publish(rendition, true);
  }

  /**
   * A rendition is over while the stream goes on: it is taken out of the master and manifest and
   * has no playlist, so that players change to another one, and what they have listed is served as
   * long as that of the others. Declared again, it begins at its siblings' number.
   */
  public void retire(String name) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    Rendition rendition = closed ? null : renditions.get(name);
    if (rendition == null) {
      return;
    }
    rendition.retire();
    renditions.remove(name);
    retired.put(name, rendition);
    if (retired.size() > MAX_RETIRED) {
      retired.values().stream()
          .min(Comparator.comparingLong(Rendition::lastSequence))
          .ifPresent(oldest -> retired.remove(oldest.spec().name()));
    }
    periods.forget(name);
    newInits.remove(name);
    publish(rendition, true);
  }

  /**
   * The set of renditions is another one from this boundary on, before any of them has got it. A
   * manifest's representations are those of its period: players know no others (DASH-IF IOP: the
   * set does not change within a period).
   */
  public void changes(Boundary boundary) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (!closed && ready.isDone()) {
      periods.changed(boundary);
    }
  }

  /** Gives a rendition that there is another place in the ladder, and declared bit rate. */
  public void redeclare(RenditionSpec spec) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    Rendition rendition = renditions.get(spec.name());
    if (rendition != null && !rendition.spec().equals(spec)) {
      rendition.redeclare(spec);
      renderShared(true);
    }
  }

  /** Lets go of what nobody can have listed any more; it could come back all the same. */
  private void forgetRetired(long nowUs) {
    long keptUs = 2 * listed(settings).toNanos() / 1_000;
    for (Rendition rendition : retired.values()) {
      Interval newest = rendition.window().newest();
      if (newest != null && nowUs - newest.endUs() > keptUs) {
        rendition.forgetMedia();
      }
    }
  }

  /**
   * A rendition may not be made for a while: with {@code anew}, the first segment after such a gap
   * is the first that its playlist lists, at the number that its siblings have.
   */
  public void listAnewBehindGap(String name, boolean anew) {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    Rendition rendition = renditions.get(name);
    if (rendition != null) {
      rendition.listAnewBehindGap(anew);
    }
  }

  /** True for a rendition that has been declared and not removed, whether or not it has media. */
  public boolean has(String name) {
    return renditions.containsKey(name);
  }

  /** Sequence number of the newest segment that a rendition lists; -1 where it has none. */
  public long newestSegment(String name) {
    Rendition rendition = renditions.get(name);
    Segment newest = rendition == null ? null : rendition.window().snapshot().newestSegment();
    return newest == null ? -1 : newest.sequence();
  }

  /** The stream is over: open segments are sealed, playlists end, the manifest becomes static. */
  @Override
  public void close() {
    assert onOwnerThread.getAsBoolean() : "not on the owner's thread";
    if (closed) {
      return;
    }
    // Text ends where the last of the others does.
    renditions.values().stream().filter(each -> !each.kind().isText()).forEach(Rendition::finish);
    renditions.values().stream().filter(each -> each.kind().isText()).forEach(Rendition::finish);
    closed = true;
    renditions.values().forEach(this::renewPlaylist);
    renderShared(false);
    renditions.values().forEach(this::tell);
    if (!ready.isDone()) {
      ready.completeExceptionally(new CancellationException("closed before any segment"));
    }
    mediaListeners.forEach(MediaListener::end);
  }

  private final class Events implements Rendition.Owner {
    @Override
    public void boundary(Rendition rendition, Boundary boundary) {
      epoch = boundary.epoch();
      discontinuities.add(boundary);
      periods.add(boundary);
    }

    @Override
    public void opened(Rendition rendition, Opening opening) {
      partTargetUs = Math.max(partTargetUs, rendition.partTargetUs());
      if (periods.add(rendition.spec().name(), opening)) {
        newInits.add(rendition.spec().name());
      }
      renderShared(false);
      version.incrementAndGet();
    }

    @Override
    public void part(Rendition rendition) {
      if (!rendition.kind().isText()) {
        Edge edge = rendition.edge();
        renditions.values().forEach(each -> each.reach(edge.openSequence(), edge.openParts()));
      }
      renewPlaylist(rendition);
      tell(rendition);
    }

    @Override
    public long discontinuitiesBefore(long sequence) {
      return discontinuities.countBefore(sequence);
    }

    @Override
    public long targetDurationS(Interval interval) {
      longestUs = Math.max(longestUs, interval.durationUs());
      targetS = Math.max(targetS, (longestUs + 500_000) / 1_000_000);
      return targetS;
    }

    @Override
    public void interval(Rendition rendition, Interval interval) {
      boolean joined = rendition.segments() == 1 && interval instanceof Segment;
      boolean newInit = false;
      if (interval instanceof Segment segment) {
        String name = rendition.spec().name();
        newInit = periods.add(name, segment) | newInits.remove(name);
      }
      boolean moved = rendition.measure();
      renewPlaylist(rendition);
      publish(rendition, joined || newInit || moved);
      if (rendition.kind().isText()) {
        return; // recordings have no text
      }
      forgetRetired(interval.endUs());
      Instant start = requireNonNull(epoch);
      mediaListeners.forEach(
          listener -> listener.interval(rendition.spec(), rendition.kind(), start, interval));
    }

    @Override
    public void problem(Rendition rendition, long sequence, String reason) {
      PackagingProblem problem = new PackagingProblem(rendition.spec().name(), sequence, reason);
      problemListeners.forEach(listener -> listener.accept(problem));
    }
  }

  /** What it shows is of this moment; rendered if and when somebody asks. */
  private void renewPlaylist(Rendition rendition) {
    WindowSnapshot window = rendition.window().snapshot();
    if (window.isEmpty() || !rendition.hasMedia() || rendition.kind() == Kind.TEXT_CMAF) {
      return;
    }
    Instant now = clock.instant();
    MediaPlaylist playlist =
        new MediaPlaylist(
            window,
            rendition.lines(),
            targetS,
            discontinuities.countBefore(window.firstSequence()),
            closed,
            rendition.partTargetUs() == 0 || onDemand ? null : lowLatency(rendition),
            rendition.listed(cues.snapshot(requireNonNull(epoch)), now, targetS),
            onDemand);
    rendition.playlist(LivePlaylist.of(playlist, rendition.edge(), documents, now));
  }

  private LowLatency lowLatency(Rendition rendition) {
    List<LowLatency.Report> reports =
        renditions.values().stream()
            .filter(other -> other != rendition && other.kind() != Kind.TEXT_CMAF)
            .sorted(LADDER_ORDER)
            .flatMap(other -> Stream.ofNullable(other.report()))
            .toList();
    return new LowLatency(
        rendition.partTargetUs(),
        HOLD_BACK_PARTS * partTargetUs,
        closed ? null : rendition.hint(),
        reports);
  }

  private void publish(Rendition rendition, boolean masterChanged) {
    renderShared(masterChanged);
    tell(rendition);
  }

  /**
   * Renews what depends on all renditions.
   *
   * @param masterChanged true when the set of renditions, a format or a published bit rate changed
   */
  private void renderShared(boolean masterChanged) {
    List<Rendition> present =
        renditions.values().stream().filter(Rendition::hasMedia).sorted(LADDER_ORDER).toList();
    boolean becomesReady = !ready.isDone() && mayBeReady(present);
    if (!becomesReady && !ready.isDone()) {
      return;
    }
    present.stream()
        .mapToLong(rendition -> rendition.window().snapshot().firstSequence())
        .min()
        .ifPresent(periods::forgetBefore);
    forgetCues(present);
    SideData side = new SideData(cues.snapshot(requireNonNull(epoch)), captions);
    masterView.side(side);
    shared =
        new Clip.Shared(
            masterView.fixed(), periods.starts(), requireNonNull(epoch), clock.instant(), side);
    if (becomesReady || masterChanged) {
      masterView.renderMasters(present, clock.instant());
    }
    masterView.renewManifests(
        present,
        former(),
        periods.starts(),
        requireNonNull(epoch),
        clock.instant(),
        Duration.ofSeconds(targetS),
        partTargetUs,
        closed);
    ready.complete(null);
  }

  /** Renditions that are over, and that periods before the newest one have. */
  private List<Rendition> former() {
    long newestPeriod = periods.starts().getLast().sequence();
    return retired.values().stream()
        .filter(each -> each.hasMedia() && !each.window().snapshot().isEmpty())
        .filter(each -> each.lastSequence() < newestPeriod)
        .sorted(LADDER_ORDER)
        .toList();
  }

  private void tell(Rendition rendition) {
    PresentationUpdate update =
        new PresentationUpdate(
            version.incrementAndGet(), rendition.spec().name(), rendition.edge());
    updateListeners.forEach(listener -> listener.accept(update));
  }

  private boolean mayBeReady(Collection<Rendition> present) {
    List<Rendition> media = present.stream().filter(each -> !each.kind().isText()).toList();
    return !media.isEmpty()
        && (closed
            || present.size() == renditions.size()
            || media.stream().anyMatch(r -> r.segments() >= settings.readyDeadlineSegments()));
  }

  /**
   * Completes, on the owner's thread, when master and manifest are there: each declared rendition
   * has a segment, or one has so many that the others are not waited for. Fails with a {@link
   * CancellationException} if the presentation is closed before it has any.
   */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /** The HLS multivariant playlist; null until {@link #ready}. */
  public @Nullable Document master(CodecPreference preference) {
    return masterView.master(preference);
  }

  /** The DASH manifest; null until {@link #ready}, and where whole segments are encrypted. */
  public @Nullable Document manifest(CodecPreference preference) {
    return masterView.manifest(preference);
  }

  /**
   * A piece of what is listed; null where none of it is. Linear in what is listed.
   *
   * @param start the first instant of it
   * @param end the first instant behind it; null: where the stream ends
   */
  public @Nullable Clip clip(Instant start, @Nullable Instant end) {
    Clip.Shared now = shared;
    if (now == null) {
      return null;
    }
    long startUs = Math.max(0, ChronoUnit.MICROS.between(now.epoch(), start));
    long endUs = end == null ? Long.MAX_VALUE : ChronoUnit.MICROS.between(now.epoch(), end);
    List<Clip.Piece> pieces =
        renditions.values().stream()
            .sorted(LADDER_ORDER)
            .flatMap(rendition -> Stream.ofNullable(rendition.piece(startUs, endUs)))
            .toList();
    return pieces.isEmpty() ? null : new Clip(now, pieces, documents);
  }

  /** The HLS media playlist of a rendition; null if it does not exist or has no segment yet. */
  public @Nullable LivePlaylist playlist(String name) {
    Rendition rendition = renditions.get(name);
    return rendition == null ? null : rendition.playlist();
  }

  /** The whole {@link #playlist}. */
  public @Nullable Document media(String name) {
    LivePlaylist playlist = playlist(name);
    return playlist == null ? null : playlist.full();
  }

  /**
   * Media that has been announced by its name and is not complete: a segment that grows, or the
   * part that a preload hint names. What is complete is an {@link #object}: ask for that first, and
   * once more when there is nothing open, for it may have been completed meanwhile.
   */
  public @Nullable OpenMedia open(String name, String fileName) {
    Rendition rendition = renditions.get(name);
    return rendition == null ? null : rendition.open(fileName);
  }

  /** No segment is longer by more than half a second (RFC 8216bis §4.4.3.1). Any thread. */
  public long targetDurationUs() {
    return targetS * 1_000_000;
  }

  /** No part of any rendition is longer (RFC 8216bis §4.4.3.7); 0 without parts. Any thread. */
  public long partTargetUs() {
    return partTargetUs;
  }

  /**
   * A file by the name that playlists and manifests give it ({@code init-*.mp4}, {@code *.m4s});
   * null if there is none, or not any more.
   */
  public @Nullable MediaObject object(String name, String fileName) {
    Rendition rendition = orRetired(name);
    return rendition == null ? null : rendition.file(fileName);
  }

  /**
   * The segment that a player means by a name that nothing has. While a segment grows, a manifest
   * can say where it is expected to end, no more; where it has ended elsewhere, some players (VLC)
   * do not look again and ask for the next one by the expected start. So what starts nearest to it,
   * by less than a quarter of its length, is meant. Near the live edge only, with a bounded effort.
   * Any thread.
   *
   * @return its name; null where there is none
   */
  public @Nullable String meant(String name, String fileName) {
    Rendition rendition = renditions.get(name);
    return rendition == null ? null : rendition.meant(fileName);
  }

  private @Nullable Rendition orRetired(String name) {
    Rendition rendition = renditions.get(name);
    return rendition == null ? retired.get(name) : rendition;
  }

  /** Where a segment is on disk that is not an {@link #object} any more; null: nowhere. */
  public @Nullable StoredMedia stored(String name, String fileName) {
    Rendition rendition = orRetired(name);
    return rendition == null ? null : rendition.stored(fileName);
  }

  /** Every declared rendition, in ladder order; a text track once. */
  public List<RenditionInfo> renditions() {
    return renditions.values().stream()
        .filter(each -> each.kind() != Kind.TEXT_CMAF)
        .sorted(LADDER_ORDER)
        .map(Rendition::info)
        .toList();
  }

  /** Wall-clock time of tick 0; null before the first boundary. Any thread. */
  public @Nullable Instant epoch() {
    return epoch;
  }

  /** How much media playlists list. */
  public Duration window() {
    return listed(settings);
  }

  /**
   * The key pictures of a video rendition, one for each segment that is listed: of the smallest
   * that is at least {@code widthPx} wide, or of the widest. Null where there is none. Any thread;
   * linear in the window.
   */
  public @Nullable KeyPictures keyPictures(int widthPx) {
    return KeyPictures.of(names.instance(), renditions.values(), widthPx);
  }

  /** Grows with every change that a reader could see. */
  public long version() {
    return version.get();
  }

  /** Any thread. */
  public PackagingStats stats() {
    return new PackagingStats(documents.renders(), documents.renderingNs(), packaging.spentNs());
  }

  /**
   * Calls {@code listener} on the owner's thread after each update; it must not block or throw.
   *
   * @return closing it ends the calls; from any thread
   */
  public Registration onUpdate(Consumer<PresentationUpdate> listener) {
    updateListeners.add(listener);
    return () -> updateListeners.remove(listener);
  }

  /** Calls {@code listener} on the owner's thread for each segment that could not be made. */
  public Registration onProblem(Consumer<PackagingProblem> listener) {
    problemListeners.add(listener);
    return () -> problemListeners.remove(listener);
  }

  /** Gives {@code listener} what every rendition seals from here on. */
  public Registration onMedia(MediaListener listener) {
    mediaListeners.add(listener);
    return () -> mediaListeners.remove(listener);
  }

  /** Ends a listener's calls; may be closed more than once. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
