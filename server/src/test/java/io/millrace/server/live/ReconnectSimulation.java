package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.media.StreamKey;
import io.millrace.packager.PresentationUpdate;
import io.millrace.server.config.Failover;
import io.millrace.server.config.SignalLoss;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream, from the publishers' frames to the segments, on a virtual clock. The playlists are
 * followed as they come, and every frame in them is looked at.
 */
final class ReconnectSimulation {
  static final String VIDEO = "source";
  static final String AUDIO = "audio";
  private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");
  private static final StreamKey KEY = new StreamKey("live", "a");
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration WINDOW = Duration.ofSeconds(30);

  /**
   * Long runs have long segments, few of them and no parts, for speed: a playlist is read at each
   * update.
   */
  private static final Duration SHORT_WINDOW = Duration.ofSeconds(12);

  private static final int MAX_UNRELEASED = 20_000;

  /** Sound that begins so little after a part that was sealed already joins it. */
  private static final int MAX_JOINED_MS = 100;

  /** Without a publisher timers alone make things happen: as often as real ones. */
  private static final long IDLE_STEP_US = 20_000;

  /** What came out of one publisher's frames. */
  static final class Seen {
    final List<SegmentFrames.Frame> video = new ArrayList<>();
    final List<SegmentFrames.Frame> audio = new ArrayList<>();
  }

  final Random random;
  final List<SimulatedPublisher> publishers = new ArrayList<>();
  final TreeMap<Integer, Seen> seen = new TreeMap<>();
  final Map<String, ShownTrack> shown = Map.of(VIDEO, new ShownTrack(), AUDIO, new ShownTrack());
  final Map<String, PlaylistFollower> playlists =
      Map.of(
          VIDEO, new PlaylistFollower(VIDEO, 1_000), AUDIO, new PlaylistFollower(AUDIO, 350_000));

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final StreamRegistry registry = new StreamRegistry();
  private final List<SimulatedPublisher> connected = new ArrayList<>();
  private final List<ByteBuf> unreleased = new ArrayList<>();
  private final @Nullable SignalLoss signalLoss;
  private final FillerSource fillers;
  private long nowUs;
  private @Nullable ActiveStream stream;

  private final StreamClock clock =
      new StreamClock() {
        @Override
        public Instant now() {
          return START.plusNanos(nowUs * 1_000);
        }

        @Override
        public long nanos() {
          return nowUs * 1_000;
        }
      };

  ReconnectSimulation(Random random) {
    this(random, null);
  }

  /**
   * @param signalLoss how losses are covered; null: viewers get a gap
   */
  ReconnectSimulation(Random random, @Nullable SignalLoss signalLoss) {
    this.random = random;
    this.signalLoss = signalLoss;
    this.fillers = new SimulatedFillers(channel.eventLoop(), random);
    channel.freezeTime();
  }

  long nowUs() {
    return nowUs;
  }

  ActiveStream stream() {
    if (stream == null) {
      throw new IllegalStateException("nobody has published yet");
    }
    return stream;
  }

  /** Connects a publisher, in the place of who is there. */
  SimulatedPublisher connect(SimulatedPublisher.Habits habits) {
    SimulatedPublisher publisher =
        new SimulatedPublisher(
            publishers.size(), habits, this::nowUs, new Random(random.nextLong()), this::allocated);
    publishers.add(publisher);
    for (SimulatedPublisher other : connected) {
      other.takenOver = true;
      publisher.tookOver = true;
    }
    ActiveStream claimed = registry.claim(KEY, publisher, this::open);
    assertThat(claimed).as("a publisher gets its stream").isNotNull();
    assertThat(stream == null || stream == claimed).as("it is the same stream").isTrue();
    stream = claimed;
    connected.add(publisher);
    claimed.begin(publisher);
    publisher.announce(event -> claimed.accept(publisher, event));
    return publisher;
  }

  private ActiveStream open(StreamKey key) {
    StreamSettings settings =
        new StreamSettings(
            OnConflict.TAKEOVER,
            Failover.DEFAULT,
            signalLoss,
            GRACE,
            Duration.ofSeconds(signalLoss == null ? 2 : 4),
            signalLoss == null ? Duration.ofMillis(200) : Duration.ZERO,
            signalLoss == null ? WINDOW : SHORT_WINDOW,
            VIDEO,
            new Ladder(List.of(), AudioRung.PASSTHROUGH));
    ActiveStream opened =
        new ActiveStream(
            key,
            channel.eventLoop(),
            settings,
            registry,
            (k, loop, s) ->
                new StreamOutputs(
                    k,
                    loop,
                    s,
                    (encoder, account) -> {
                      throw new AssertionError("nothing is encoded here");
                    }),
            fillers,
            clock);
    var unused = opened.presentation().onUpdate(this::updated);
    return opened;
  }

  private void allocated(ByteBuf payload) {
    unreleased.add(payload);
    if (unreleased.size() > MAX_UNRELEASED) {
      unreleased.removeIf(held -> held.refCnt() == 0);
      assertThat(unreleased.size()).as("payloads held").isLessThan(MAX_UNRELEASED / 2);
    }
  }

  /** Breaks the connection: what has not arrived is lost. */
  void kill(SimulatedPublisher publisher) {
    if (connected.remove(publisher)) {
      stream().end(publisher, "connection lost");
    }
  }

  /** Lets everything happen until {@code us} later. */
  void run(long us) {
    long untilUs = nowUs + us;
    while (true) {
      SimulatedPublisher next =
          connected.stream()
              .min(Comparator.comparingLong(SimulatedPublisher::nextArrivalUs))
              .orElse(null);
      if (next == null || next.nextArrivalUs() > untilUs) {
        if (next == null && signalLoss != null) {
          idleTo(untilUs);
        }
        advanceTo(untilUs);
        return;
      }
      advanceTo(next.nextArrivalUs());
      if (connected.contains(next)) {
        next.send(event -> stream().accept(next, event));
      }
      List.copyOf(connected).stream().filter(p -> p.closed != null).forEach(this::kill);
    }
  }

  private void idleTo(long untilUs) {
    while (untilUs - nowUs > IDLE_STEP_US) {
      advanceTo(nowUs + IDLE_STEP_US);
    }
  }

  private void advanceTo(long us) {
    if (us > nowUs) {
      channel.advanceTimeBy(us - nowUs, TimeUnit.MICROSECONDS);
      nowUs = us;
    }
    channel.runPendingTasks();
    channel.checkException();
  }

  /**
   * How far the stream's dates are behind the wall clock at which the publisher's pictures come;
   * from the newest segment that has one.
   */
  long lateUs(SimulatedPublisher publisher) {
    Seen of = seen.get(publisher.number);
    if (of == null || of.video.isEmpty()) {
      return 0;
    }
    SegmentFrames.Frame frame = of.video.getLast();
    Instant dated = stream().epoch().plusNanos(frame.ptsTicks() * 100_000 / 36);
    Instant came = START.plusNanos((frame.capturedUs() + publisher.habits.latencyUs()) * 1_000);
    return Duration.between(dated, came).toNanos() / 1_000;
  }

  private void updated(PresentationUpdate update) {
    PlaylistFollower playlist = playlists.get(update.rendition());
    for (PlaylistFollower.Entry entry :
        playlist.read(stream().presentation().media(update.rendition()))) {
      if (!entry.gap()) {
        look(update.rendition(), entry);
      }
    }
  }

  /** The sound's sample rate; what is made up has the format of what was there before. */
  private int sampleRate(int publisher) {
    return (publisher == SimulatedFillers.NUMBER
            ? publishers.getFirst()
            : publishers.get(publisher))
        .habits.sampleRate();
  }

  private void look(String rendition, PlaylistFollower.Entry entry) {
    var frames = SegmentFrames.read(stream().presentation().object(rendition, entry.uri()));
    for (SegmentFrames.Frame frame : frames) {
      shown.get(rendition).add(frame);
      if (frame.publisher() != SimulatedFillers.NUMBER) {
        Seen of = seen.computeIfAbsent(frame.publisher(), n -> new Seen());
        (rendition.equals(VIDEO) ? of.video : of.audio).add(frame);
      }
    }
    SegmentFrames.Frame first = frames.getFirst();
    int rate = rendition.equals(VIDEO) ? 360_000 : sampleRate(first.publisher());
    long startUs =
        frames.stream().mapToLong(SegmentFrames.Frame::ptsTicks).min().orElseThrow()
            * 1_000_000
            / rate;
    Instant starts = stream().epoch().plusNanos(startUs * 1_000);
    assertThat(Math.abs(Duration.between(entry.date(), starts).toMillis()))
        .as("%s: %s is dated by its first frame, %s", rendition, entry, starts)
        .isLessThanOrEqualTo(rendition.equals(VIDEO) ? 2 : MAX_JOINED_MS);
  }

  /** Ends it all, and checks that nothing is left. */
  void end() {
    List.copyOf(connected).forEach(this::kill);
    run(GRACE.plusSeconds(1).toNanos() / 1_000);
    assertThat(stream().state()).isEqualTo(ActiveStream.State.ENDED);
    run(WINDOW.plusSeconds(11).toNanos() / 1_000);
    assertThat(registry.all()).isEmpty();
    assertThat(unreleased).as("payloads").allSatisfy(p -> assertThat(p.refCnt()).isZero());
    channel.close();
  }
}
