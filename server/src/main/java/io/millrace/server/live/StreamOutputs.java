package io.millrace.server.live;

import static io.millrace.server.event.EventType.LADDER_CHANGED;
import static io.millrace.server.event.EventType.LADDER_OPENED;
import static io.millrace.server.event.EventType.LADDER_SOURCE_FAILED;
import static io.millrace.server.event.EventType.RUNG_FAILED;
import static io.millrace.server.event.EventType.RUNG_LEFT_OUT;
import static java.util.Objects.requireNonNull;

import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderEngine;
import io.millrace.codec.ladder.LadderEngines;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.media.AudioCodec;
import io.millrace.media.LanguageTag;
import io.millrace.media.StreamKey;
import io.millrace.media.TextMessage;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.dvr.DvrStream;
import io.millrace.packager.text.WebVttFile;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A live stream's events to its renditions: what the publisher has encoded straight to the
 * packager, the main video to the transcoder, and what the transcoder makes back to the packager.
 *
 * <p>Renditions are declared at the first boundary, when the source's formats have said what it is,
 * so that playlists wait for all of them. On the stream's event loop; rungs arrive on encoder
 * threads and hop.
 */
public final class StreamOutputs implements TrackSink {
  private static final Logger LOG = LoggerFactory.getLogger(StreamOutputs.class);
  private static final String AUDIO = "audio";
  private static final int RUNG_ORDER = 50;
  private static final int AUDIO_ORDER = 100;
  private static final int INSTEAD_OF_MP3_BPS = 128_000;

  /** Makes the outputs of a new stream. */
  @FunctionalInterface
  public interface Factory {
    StreamOutputs create(StreamKey key, EventLoop loop, StreamSettings settings);
  }

  private final StreamKey key;
  private final EventLoop loop;
  private final StreamSettings settings;
  private final LadderEngines engines;
  private final Presentation presentation;
  private final @Nullable DvrStream dvr;
  private final EventSink events;
  private final TreeMap<Integer, TrackFormat> first = new TreeMap<>();
  private final TreeMap<Integer, TrackFormat> formats = new TreeMap<>();
  private final TreeMap<Integer, TrackSink> passedThrough = new TreeMap<>();
  private final Map<String, Relay> relays = new HashMap<>();

  /** Rungs that have ended by themselves. */
  private final Set<String> failed = new HashSet<>();

  private final RungSwitch rungSwitch = new RungSwitch(this::want);
  private final WatchedRungs watched;
  private final CaptionWatch captions;
  private final TextTracks texts;

  /** Null where captions stay in the video alone. */
  private final @Nullable CaptionText captionText;

  private @Nullable Boundary lastBoundary;
  private volatile LadderSettings ladder;

  /** From the next boundary on; null: it stays as it is. */
  private @Nullable LadderSettings nextLadder;

  private int order;
  private boolean transcodesAudio;
  private volatile @Nullable TranscoderPump pump;

  /** For sound alone, which turned out after the ladder was opened to need it; else null. */
  private volatile @Nullable TranscoderPump soundPump;

  private volatile @Nullable LadderPlan plan;

  /** Rungs that there are not, by name, and why. */
  private final ConcurrentSkipListMap<String, String> leftOut = new ConcurrentSkipListMap<>();

  /** Outputs whose media stays clear, and is encoded in this process. */
  public StreamOutputs(
      StreamKey key, EventLoop loop, StreamSettings settings, VideoEncoders encoders) {
    this(key, loop, settings, LadderEngines.inProcess(encoders), null, null, EventSink.NONE);
  }

  /**
   * @param protection of this stream alone; null: its media stays clear
   * @param dvr keeps what memory does not; null: nothing does
   * @param events is told what becomes of the renditions
   */
  public StreamOutputs(
      StreamKey key,
      EventLoop loop,
      StreamSettings settings,
      LadderEngines engines,
      @Nullable Protection protection,
      @Nullable DvrStream dvr,
      EventSink events) {
    this.events = events;
    this.dvr = dvr;
    this.engines = engines;
    this.key = key;
    this.loop = loop;
    this.settings = settings;
    this.ladder = settings.renditions();
    this.presentation =
        new Presentation(
            PresentationSettings.of(key.toString())
                .withTargetSegment(settings.segment())
                .withWindow(settings.listed())
                .withStartBehind(settings.startBehind()),
            protection,
            dvr,
            loop::inEventLoop,
            InstantSource.system());
    this.watched =
        new WatchedRungs(
            key, loop, ladder.watched(), presentation, rungSwitch, System::nanoTime, events);
    this.captions = new CaptionWatch(presentation::captions);
    this.texts = new TextTracks(key, presentation);
    String captionLanguage = settings.subtitles().cea608();
    this.captionText =
        captionLanguage == null
            ? null
            : new CaptionText((ticks, text) -> texts.say(captionLanguage, ticks, text));
    var unused =
        presentation.onProblem(
            problem ->
                LOG.atWarn()
                    .addKeyValue("stream", key)
                    .addKeyValue("rendition", problem.rendition())
                    .addKeyValue("sequence", problem.sequence())
                    .addKeyValue("reason", problem.reason())
                    .log("segment is missing"));
  }

  public Presentation presentation() {
    return presentation;
  }

  /** Which rungs viewers have encoded. */
  public WatchedRungs watched() {
    return watched;
  }

  /** What may be given up here. */
  public Shedding shedding() {
    return ladder.shedding();
  }

  /** Has other renditions, from the next boundary on; those that are the same notice nothing. */
  void change(LadderSettings next) {
    assert loop.inEventLoop();
    nextLadder = next;
  }

  /** Gives a rung up, from its next segment on, or takes it back. Any thread. */
  public void shed(String rung, boolean given) {
    rungSwitch.set(rung, RungSwitch.Reason.SHED, given);
  }

  /** Has a rung encoded with less, from its next segment on. Any thread. */
  public void pace(String rung, RungPace pace) {
    TranscoderPump running = pump;
    if (running != null) {
      running.pace(rung, pace);
    }
  }

  /** Whether a rung is encoded only while somebody watches it. Any thread. */
  public boolean isForViewers(String rung) {
    return ladder.watched().rungs().contains(rung);
  }

  private void want(String rung, boolean encode) {
    TranscoderPump running = pump;
    if (running != null) {
      running.want(rung, encode);
    }
  }

  /** Shows what was published earlier and is on disk; before anything else. */
  void restore() {
    assert loop.inEventLoop();
    presentation.restore();
  }

  /** Remembers whether the stream has ended, for the next start. */
  void ended(boolean now) {
    if (dvr != null) {
      dvr.ended(now);
    }
  }

  /** The transcoder's counters; null where nothing is transcoded. Any thread. */
  public @Nullable TranscoderStats transcoderStats() {
    TranscoderPump running = pump;
    return running == null ? null : running.stats();
  }

  /** The process that the ladder is encoded in; null where that is this one. Any thread. */
  public @Nullable WorkerStats worker() {
    TranscoderPump running = pump == null ? soundPump : pump;
    return running == null ? null : running.worker();
  }

  /** What was dropped in front of the transcoder. Any thread. */
  public Subscription.Drops transcoderDrops() {
    TranscoderPump running = pump;
    return running == null ? new Subscription.Drops(0, 0) : running.drops();
  }

  /** The ladder as it applies to the source; null before the first video format. Any thread. */
  public @Nullable LadderPlan plan() {
    return plan;
  }

  /** Rungs of the ladder that are not encoded, and why, by name. Any thread. */
  public Map<String, String> leftOut() {
    return new TreeMap<>(leftOut);
  }

  @Override
  public void accept(TrackEvent event) {
    assert loop.inEventLoop();
    switch (event) {
      case Format format -> {
        if (format.track() == TrackEvent.VIDEO_TRACK
            && format.format() instanceof TrackFormat.Video video) {
          captions.format(video);
          if (captionText != null) {
            captionText.format(video);
          }
        }
        if (lastBoundary == null) {
          first.put(format.track(), format.format()); // opened together, at the first boundary
        } else {
          late(format);
          toTrack(format);
        }
      }
      case Sample sample -> {
        if (sample.track() == TrackEvent.VIDEO_TRACK) {
          captions.look(sample);
          if (captionText != null) {
            captionText.look(sample);
          }
        }
        toTrack(sample);
      }
      case Boundary boundary -> {
        boolean opens = lastBoundary == null;
        lastBoundary = boundary;
        if (nextLadder != null) {
          LadderSettings next = nextLadder;
          nextLadder = null;
          change(next, opens, boundary);
        }
        if (opens) {
          openAll();
          texts.declare(settings.subtitles().languages());
          if (settings.subtitles().cea608() != null) {
            texts.declare(List.of(settings.subtitles().cea608()));
          }
          presentation.declared();
          first.forEach((track, format) -> toTrack(new Format(track, format)));
          first.clear();
        }
        toAll(boundary);
      }
      case Cue cue when cue.scheme().equals(TextMessage.SCHEME) -> texts.say(cue);
      case Cue cue -> presentation.cue(cue);
      case Discontinuity _, End _ -> toAll(event);
    }
  }

  /** Gives an event of one track to the sinks that take the track. */
  private void toTrack(TrackEvent event) {
    int track =
        switch (event) {
          case Format format -> format.track();
          case Sample sample -> sample.track();
          default -> throw new IllegalArgumentException("an event of all tracks");
        };
    TranscoderPump decoder = decoderOf(track);
    if (decoder != null) {
      decoder.accept(event.retain());
    }
    TrackSink rendition = passedThrough.get(track);
    if (rendition != null) {
      rendition.accept(event.retain());
    }
    event.release();
  }

  private @Nullable TranscoderPump decoderOf(int track) {
    if (track == TrackEvent.VIDEO_TRACK) {
      return pump;
    }
    if (track != TrackEvent.AUDIO_TRACK || !transcodesAudio) {
      return null;
    }
    return soundPump == null ? pump : soundPump;
  }

  private void toAll(TrackEvent event) {
    pumps().forEach(running -> running.accept(event));
    passedThrough.values().forEach(rendition -> rendition.accept(event));
    texts.accept(event);
  }

  /**
   * Shows subtitles.
   *
   * @param zeroTicks where the time of {@code cues} begins
   * @return null where there is no room for another language
   */
  @Nullable SubtitleCounts subtitles(String language, long zeroTicks, List<WebVttFile.Cue> cues) {
    assert loop.inEventLoop();
    return texts.add(language, zeroTicks, cues);
  }

  private void openAll() {
    if (first.get(TrackEvent.VIDEO_TRACK) instanceof TrackFormat.Video video) {
      openVideo(video);
    }
    first.forEach(
        (track, format) -> {
          if (format instanceof TrackFormat.Audio audio) {
            openAudio(track, audio);
          }
        });
  }

  /** A track that appears in the middle of a segment. */
  private void late(Format format) {
    boolean known = formats.containsKey(format.track());
    formats.put(format.track(), format.format());
    if (known) {
      return;
    }
    switch (format.format()) {
      case TrackFormat.Audio audio -> {
        openSound(format, audio);
        openAudio(format.track(), audio);
      }
      case TrackFormat.Video video when format.track() == TrackEvent.VIDEO_TRACK ->
          openVideo(video);
      case TrackFormat.Video video -> openPushed(format.track(), video);
      case TrackFormat.Text _ -> {}
    }
    TrackSink rendition = passedThrough.get(format.track());
    if (rendition != null && lastBoundary != null) {
      rendition.accept(format);
      rendition.accept(lastBoundary);
    }
  }

  /**
   * MP3 over RTMP has no header: what it is shows in its first frame only, when a segment may have
   * begun.
   */
  private void openSound(Format format, TrackFormat.Audio audio) {
    AudioRung rung = audioRung(audio);
    if (format.track() != TrackEvent.AUDIO_TRACK
        || transcodesAudio
        || rung == null
        || rung.passthrough()
        || !(formats.get(TrackEvent.VIDEO_TRACK) instanceof TrackFormat.Video video)) {
      return;
    }
    transcodesAudio = true;
    TrackSink sink = new LoopHop(loop, openAudio(audioSpec(rung, audio)));
    TranscoderPump opened =
        new TranscoderPump(
            key,
            LadderPlan.resolve(new Ladder(List.of(), rung), video),
            new DeclaredSinks(Map.of(AUDIO, sink)),
            engines,
            new Failures());
    soundPump = opened;
    opened.accept(format);
    if (lastBoundary != null) {
      opened.accept(lastBoundary);
    }
  }

  private static RenditionSpec audioSpec(AudioRung rung, @Nullable TrackFormat source) {
    return described(new RenditionSpec(AUDIO, AUDIO_ORDER, rung.bitrateBps()), source);
  }

  /** With the language of its source, by which a menu calls it too. */
  private static RenditionSpec described(RenditionSpec spec, @Nullable TrackFormat source) {
    String language = source instanceof TrackFormat.Audio audio ? audio.language() : null;
    return language == null ? spec : spec.described(LanguageTag.nameOf(language), language);
  }

  private void openVideo(TrackFormat.Video source) {
    formats.put(TrackEvent.VIDEO_TRACK, source);
    openPassthrough();
    first.forEach(
        (track, format) -> {
          if (track != TrackEvent.VIDEO_TRACK && format instanceof TrackFormat.Video video) {
            openPushed(track, video);
          }
        });
    AudioRung audioRung = audioRung(first.get(TrackEvent.AUDIO_TRACK));
    LadderPlan resolved =
        LadderPlan.resolve(ladder.ladder().with(rungsNotPushed(), audioRung), source);
    plan = resolved;
    for (LadderPlan.Skipped skipped : resolved.skipped()) {
      leftOut(skipped.rung(), skipped.reason());
    }
    transcodesAudio =
        audioRung != null
            && !audioRung.passthrough()
            && !passedThrough.containsKey(TrackEvent.AUDIO_TRACK);
    Map<String, TrackSink> sinks = new HashMap<>();
    for (PlannedRung rung : resolved.rungs()) {
      sinks.put(rung.rung().name(), new LoopHop(loop, openVideo(rungSpec(rung.rung()))));
    }
    if (transcodesAudio && audioRung != null) {
      sinks.put(
          AUDIO,
          new LoopHop(loop, openAudio(audioSpec(audioRung, first.get(TrackEvent.AUDIO_TRACK)))));
    }
    if (!sinks.isEmpty()) {
      pump = new TranscoderPump(key, resolved, new DeclaredSinks(sinks), engines, new Failures());
      watched.opened(resolved.rungs());
    }
    events.say(
        LOG,
        EventNote.info(LADDER_OPENED, key, "ladder opened")
            .with("source", source)
            .with("rungs", names(resolved)));
  }

  /**
   * A video track that the publisher has encoded beside the main one: a rendition of its own,
   * {@code source-720p}.
   */
  private void openPushed(int track, TrackFormat.Video video) {
    formats.put(track, video);
    if (ladder.passthrough().isEmpty()) {
      return;
    }
    String base = ladder.passthrough() + "-" + shortSide(video) + "p";
    String name = base;
    for (int i = 2; isTaken(name); i++) {
      name = base + "-" + i;
    }
    passedThrough.put(track, openVideo(new RenditionSpec(name, order++, 0)));
    LOG.atInfo()
        .addKeyValue("stream", key)
        .addKeyValue("rendition", name)
        .addKeyValue("source", video)
        .log("pushed rendition opened");
  }

  private boolean isTaken(String name) {
    return presentation.renditions().stream().anyMatch(info -> info.name().equals(name))
        || ladder.ladder().video().stream().anyMatch(rung -> rung.name().equals(name));
  }

  private static int shortSide(TrackFormat.Video video) {
    return Math.min(video.width(), video.height());
  }

  /** The configured one, but for sound that browsers do not play in MP4: that becomes AAC. */
  private @Nullable AudioRung audioRung(@Nullable TrackFormat source) {
    AudioRung configured = ladder.ladder().audio();
    boolean mp3 = source instanceof TrackFormat.Audio audio && audio.codec() == AudioCodec.MP3;
    return mp3 && configured != null && configured.passthrough()
        ? AudioRung.aac(INSTEAD_OF_MP3_BPS)
        : configured;
  }

  /** The rungs that the publisher does not send itself. */
  private List<VideoRung> rungsNotPushed() {
    List<VideoRung> wanted = new ArrayList<>();
    for (VideoRung rung : ladder.ladder().video()) {
      boolean pushed =
          passedThrough.keySet().stream()
              .filter(track -> track != TrackEvent.VIDEO_TRACK)
              .map(formats::get)
              .anyMatch(
                  format ->
                      format instanceof TrackFormat.Video video
                          && video.codec() == rung.codec()
                          && shortSide(video) == rung.heightPx());
      if (pushed) {
        leftOut(rung, "the publisher sends it");
      } else {
        wanted.add(rung);
      }
    }
    return wanted;
  }

  private void leftOut(VideoRung rung, String reason) {
    leftOut.put(rung.name(), reason);
    events.say(
        LOG,
        EventNote.info(RUNG_LEFT_OUT, key, "rung left out")
            .with("rung", rung.name())
            .with("reason", reason));
  }

  private void openAudio(int track, TrackFormat.Audio format) {
    formats.put(track, format);
    if (track == TrackEvent.AUDIO_TRACK && transcodesAudio) {
      return;
    }
    int index = TrackEvent.trackIndex(track);
    String name = index == 0 ? AUDIO : AUDIO + "-" + (index + 1);
    RenditionSpec spec = described(new RenditionSpec(name, AUDIO_ORDER + index, 0), format);
    passedThrough.put(track, openAudio(spec));
    LOG.atInfo()
        .addKeyValue("stream", key)
        .addKeyValue("rendition", name)
        .addKeyValue("source", format)
        .log("audio opened");
  }

  /** Ends all renditions. */
  void close() {
    assert loop.inEventLoop();
    watched.close();
    pumps().forEach(TranscoderPump::close);
    relays.values().forEach(Relay::close);
    relays.clear();
    presentation.close();
  }

  private List<TranscoderPump> pumps() {
    return Stream.of(Optional.ofNullable(pump), Optional.ofNullable(soundPump))
        .flatMap(Optional::stream)
        .toList();
  }

  /** The sink of a video rendition's source; the next one, where another source is still heard. */
  private TrackSink openVideo(RenditionSpec spec) {
    Relay relay = relays.get(spec.name());
    return relay == null ? open(spec.name(), presentation.video(spec)) : again(spec, relay);
  }

  /** As of video. */
  private TrackSink openAudio(RenditionSpec spec) {
    Relay relay = relays.get(spec.name());
    return relay == null ? open(spec.name(), presentation.audio(spec)) : again(spec, relay);
  }

  private TrackSink open(String name, TrackSink rendition) {
    failed.remove(name);
    Relay relay = new Relay(rendition, () -> left(name));
    relays.put(name, relay);
    return relay.next();
  }

  private TrackSink again(RenditionSpec spec, Relay relay) {
    presentation.redeclare(spec);
    return relay.next();
  }

  private void left(String name) {
    relays.remove(name);
    presentation.retire(name);
  }

  private RenditionSpec rungSpec(VideoRung rung) {
    return new RenditionSpec(
        rung.name(), RUNG_ORDER + ladder.ladder().video().indexOf(rung), rung.bitrateBps());
  }

  private void openPassthrough() {
    if (!ladder.passthrough().isEmpty()) {
      passedThrough.put(
          TrackEvent.VIDEO_TRACK, openVideo(new RenditionSpec(ladder.passthrough(), order++, 0)));
    }
  }

  /**
   * @param before anything is open: the stream begins with {@code next}
   */
  private void change(LadderSettings next, boolean before, Boundary boundary) {
    LadderSettings old = ladder;
    ladder = next;
    if (before) {
      watched.changed(List.of(), next.watched());
    }
    if (before || old.equals(next)) {
      return;
    }
    presentation.changes(boundary);
    if (!old.passthrough().equals(next.passthrough())) {
      changePassthrough();
    }
    if (formats.get(TrackEvent.VIDEO_TRACK) instanceof TrackFormat.Video source) {
      changeRungs(source, boundary);
    }
  }

  /** The publisher's own video under another name, or not at all, or again. */
  private void changePassthrough() {
    List<Integer> tracks = formats.keySet().stream().filter(this::isVideo).toList();
    for (int track : tracks) {
      TrackSink sink = passedThrough.remove(track);
      if (sink != null) {
        sink.accept(LadderEngine.LEFT);
      }
    }
    order = 0;
    for (int track : tracks) {
      if (track == TrackEvent.VIDEO_TRACK) {
        openPassthrough();
      } else if (formats.get(track) instanceof TrackFormat.Video video) {
        openPushed(track, video);
      }
      TrackSink sink = passedThrough.get(track);
      if (sink != null) {
        sink.accept(new Format(track, requireNonNull(formats.get(track))));
      }
    }
  }

  private boolean isVideo(int track) {
    return formats.get(track) instanceof TrackFormat.Video;
  }

  private void changeRungs(TrackFormat.Video source, Boundary boundary) {
    LadderPlan before = requireNonNull(plan);
    Map<String, TrackSink> sinks = new HashMap<>();
    AudioRung audio = changeAudio(sinks);
    LadderPlan after =
        before.changed(
            ladder.ladder().with(rungsNotPushed(), soundPump == null ? audio : null), source);
    plan = after;
    after.skipped().forEach(skipped -> leftOut(skipped.rung(), skipped.reason()));
    List<String> known = names(before).stream().filter(name -> !failed.contains(name)).toList();
    List<String> staying = names(after);
    List<String> left = known.stream().filter(name -> !staying.contains(name)).toList();
    left.forEach(rungSwitch::forget);
    for (PlannedRung planned : after.rungs()) {
      RenditionSpec spec = rungSpec(planned.rung());
      if (known.contains(spec.name())) {
        presentation.redeclare(spec);
      } else {
        rungSwitch.forget(spec.name());
        sinks.put(spec.name(), new LoopHop(loop, openVideo(spec)));
      }
    }
    failed.clear();
    changePumps(after, audio, sinks, boundary.sequence());
    watched.changed(after.rungs(), ladder.watched());
    events.say(
        LOG,
        EventNote.info(LADDER_CHANGED, key, "ladder changed")
            .with("from", boundary.sequence())
            .with("joined", staying.stream().filter(name -> !known.contains(name)).toList())
            .with("left", left)
            .with("rungs", staying));
  }

  private static List<String> names(LadderPlan plan) {
    return plan.rungs().stream().map(planned -> planned.rung().name()).toList();
  }

  /**
   * The publisher's own sound or one that is encoded, in the same rendition.
   *
   * @param sinks gets the one of sound that was not encoded before
   * @return null where it is not encoded
   */
  private @Nullable AudioRung changeAudio(Map<String, TrackSink> sinks) {
    TrackFormat source = formats.get(TrackEvent.AUDIO_TRACK);
    AudioRung configured = audioRung(source);
    AudioRung rung = configured == null || configured.passthrough() ? null : configured;
    if (rung != null && transcodesAudio) {
      presentation.redeclare(audioSpec(rung, source));
    } else if (rung != null) {
      TrackSink before = passedThrough.remove(TrackEvent.AUDIO_TRACK);
      sinks.put(AUDIO, new LoopHop(loop, openAudio(audioSpec(rung, source))));
      if (before != null) {
        before.accept(LadderEngine.LEFT);
      }
    } else if (transcodesAudio && source != null) {
      TrackSink sink = openAudio(described(new RenditionSpec(AUDIO, AUDIO_ORDER, 0), source));
      passedThrough.put(TrackEvent.AUDIO_TRACK, sink);
      sink.accept(new Format(TrackEvent.AUDIO_TRACK, source));
    }
    transcodesAudio = rung != null;
    return rung;
  }

  private void changePumps(
      LadderPlan after,
      @Nullable AudioRung audio,
      Map<String, TrackSink> declared,
      long fromSequence) {
    RungSinks sinks = new JoiningSinks(new DeclaredSinks(declared), declared.keySet());
    TranscoderPump sound = soundPump;
    if (sound != null) {
      LadderPlan alone = LadderPlan.resolve(new Ladder(List.of(), audio), after.source());
      sound.change(alone, sinks, fromSequence);
    }
    TranscoderPump running = pump;
    if (running != null) {
      running.change(after, sinks, fromSequence);
    } else if (!after.rungs().isEmpty() || after.ladder().audio() != null) {
      running = new TranscoderPump(key, after, sinks, engines, new Failures());
      running.accept(new Format(TrackEvent.VIDEO_TRACK, after.source()));
      pump = running;
    }
    TrackFormat audioFormat = formats.get(TrackEvent.AUDIO_TRACK);
    TranscoderPump decoder = decoderOf(TrackEvent.AUDIO_TRACK);
    if (declared.containsKey(AUDIO) && decoder != null && audioFormat != null) {
      decoder.accept(new Format(TrackEvent.AUDIO_TRACK, audioFormat)); // it had none of it before
    }
  }

  /** Nobody hears a rung that has failed without our knowing it yet. */
  private record JoiningSinks(RungSinks declared, Set<String> names) implements RungSinks {
    @Override
    public TrackSink video(PlannedRung rung) {
      return names.contains(rung.rung().name()) ? declared.video(rung) : TrackEvent::release;
    }

    @Override
    public TrackSink audio(AudioRung rung) {
      return names.contains(AUDIO) ? declared.audio(rung) : TrackEvent::release;
    }
  }

  /** Sinks made on the stream's loop, looked up on the transcoder's thread. */
  private record DeclaredSinks(Map<String, TrackSink> byName) implements RungSinks {
    @Override
    public TrackSink video(PlannedRung rung) {
      return find(rung.rung().name());
    }

    @Override
    public TrackSink audio(AudioRung rung) {
      return find(AUDIO);
    }

    private TrackSink find(String name) {
      TrackSink sink = byName.get(name);
      if (sink == null) {
        throw new IllegalArgumentException("rung was not planned: " + name);
      }
      return sink;
    }
  }

  private final class Failures implements TranscoderListener {
    @Override
    public void rungFailed(String rung, Throwable cause) {
      String reason = String.valueOf(cause.getMessage());
      leftOut.put(rung, reason);
      events.say(
          LOG,
          EventNote.error(RUNG_FAILED, key, "rung ended, the others go on")
              .with("rung", rung)
              .with("reason", reason)
              .causedBy(cause));
      onLoop(() -> failed(rung));
    }

    @Override
    public void sourceFailed(Throwable cause) {
      events.say(
          LOG,
          EventNote.error(
                  LADDER_SOURCE_FAILED,
                  key,
                  "the source cannot be decoded, only passthrough goes on")
              .with("reason", String.valueOf(cause.getMessage()))
              .causedBy(cause));
    }
  }

  private void failed(String rung) {
    Relay relay = relays.get(rung);
    if (relay == null || !relay.failed()) {
      relays.remove(rung);
      failed.add(rung);
      presentation.remove(rung);
    }
  }

  private boolean onLoop(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /**
   * How long {@link #close} may take until all encoder threads are gone; for an orderly shutdown.
   * Not on the loop.
   */
  void awaitClosed(Duration timeout) throws InterruptedException {
    for (TranscoderPump running : pumps()) {
      running.join(timeout);
    }
  }
}
