package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderEngine;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.codec.ladder.WorkerStats.State;
import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.codec.worker.Connection;
import io.millrace.codec.worker.Message;
import io.millrace.codec.worker.Window;
import io.millrace.codec.worker.Wire;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.server.event.Told;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that crash, hang, grow and lie, and what a rendition gets of it: holes, in order. */
@Timeout(60)
class SupervisedLadderTest {
  private static final long SEGMENT = 360_000;
  private static final Duration LONG = Duration.ofSeconds(30);
  private static TrackFormat.Video source;

  private final List<FakeWorker> workers = new CopyOnWriteArrayList<>();
  private final List<FakeWorker.Behaviour> behaviours = new ArrayList<>();
  private final ConcurrentHashMap<String, List<TrackEvent>> renditions = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<ByteBuf> payloads = new ConcurrentLinkedQueue<>();
  private SupervisedLadder ladder;
  private RungSinks sinks;
  private long sequence;

  /** So many of the first workers do not know their token. */
  private int strangers;

  @BeforeAll
  static void format() {
    assertThat(FfmpegEngines.hasX264()).isTrue();
    try (TestSource clip =
        new TestSource(
            TestSourceSettings.hd(Instant.EPOCH).withSize(320, 180, 300_000).withAudio(0, 48_000),
            TrackEvent::release)) {
      source = clip.videoFormat();
    }
  }

  private final Told told = new Told();

  private void open(Duration hang, int quickEnds) {
    Ladder wanted =
        new Ladder(
            List.of(
                VideoRung.of("90p", VideoCodec.H264, 90, 100_000, Profile.FAST),
                VideoRung.of("60p", VideoCodec.H264, 60, 100_000, Profile.FAST)),
            null);
    sinks =
        new RungSinks() {
          @Override
          public TrackSink video(PlannedRung rung) {
            List<TrackEvent> events = new CopyOnWriteArrayList<>();
            renditions.put(rung.rung().name(), events);
            return event -> {
              events.add(event);
              event.release();
            };
          }

          @Override
          public TrackSink audio(AudioRung rung) {
            throw new AssertionError("none is wanted");
          }
        };
    TranscoderListener listener =
        new TranscoderListener() {
          @Override
          public void rungFailed(String rung, Throwable cause) {
            failures.add(rung + ": " + cause.getMessage());
          }

          @Override
          public void sourceFailed(Throwable cause) {
            failures.add("source: " + cause.getMessage());
          }
        };
    ladder =
        new SupervisedLadder(
            "live/test",
            LadderPlan.resolve(wanted, source),
            WorkerSettings.MachinePaths.NONE,
            sinks,
            listener,
            _ -> {
              int number = workers.size();
              FakeWorker worker =
                  new FakeWorker(
                      1000 + number,
                      number < strangers ? new byte[] {1} : new byte[Wire.TOKEN_BYTES],
                      behaviours.get(Math.min(number, behaviours.size() - 1)));
              workers.add(worker);
              return worker;
            },
            new SupervisedLadder.Patience(LONG, hang, 1L << 30),
            new RestartPolicy(
                new RestartPolicy.Settings(
                    Duration.ofSeconds(10),
                    quickEnds,
                    Duration.ofMillis(1),
                    Duration.ofHours(1),
                    Duration.ofHours(1))),
            _ -> {},
            told);
    ladder.start();
    ladder.accept(new Format(TrackEvent.VIDEO_TRACK, source));
  }

  @AfterEach
  void closeAndLookForLeaks() {
    if (ladder != null) {
      ladder.close();
      assertThat(ladder.worker().state()).isEqualTo(State.CLOSED);
    }
    workers.forEach(worker -> assertThat(worker.awaitEnd(LONG)).isPresent());
    await("payloads released", () -> payloads.stream().allMatch(one -> one.refCnt() == 0));
  }

  /** Every rung has a picture for each of the source's; says at once what it has used. */
  private static void echo(Connection server, Message.Open open) throws IOException {
    server.send(new Message.Ready());
    for (Message message = server.receive(); message != null; message = server.receive()) {
      if (!(message instanceof Message.Event(int _, TrackEvent event))) {
        continue;
      }
      long cost = Window.cost(event);
      try {
        for (int lane = 0; lane < open.ladder().video().size(); lane++) {
          server.send(new Message.Event(lane, event.retain()));
        }
      } finally {
        event.release();
      }
      server.send(new Message.Credit(cost));
    }
  }

  /** Runs, and uses nothing of what it is given. */
  private static void takeWithoutAWord(Connection server, Message.Open open) throws IOException {
    server.send(new Message.Ready());
    take(server);
  }

  private static void take(Connection server) throws IOException {
    for (Message message = server.receive(); message != null; message = server.receive()) {
      if (message instanceof Message.Event(int _, TrackEvent event)) {
        event.release();
      }
    }
  }

  /** A boundary, and pictures behind it. */
  private void segment(int pictures) {
    segment(pictures, 1000);
  }

  private void segment(int pictures, int sizeBytes) {
    long startTicks = sequence * SEGMENT;
    ladder.accept(new Boundary(sequence++, startTicks, Instant.EPOCH, false, 0));
    for (int i = 0; i < pictures; i++) {
      ByteBuf payload = Unpooled.buffer().writeZero(sizeBytes);
      payloads.add(payload);
      long ticks = startTicks + i * 12_000L;
      ladder.accept(new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, 12_000, i == 0, payload));
    }
  }

  private List<Long> sequences(String rung) {
    return renditions.get(rung).stream()
        .filter(Boundary.class::isInstance)
        .map(event -> ((Boundary) event).sequence())
        .toList();
  }

  private long samples(String rung) {
    return renditions.get(rung).stream().filter(Sample.class::isInstance).count();
  }

  private List<Long> upToNow() {
    List<Long> all = new ArrayList<>();
    for (long i = 0; i < sequence; i++) {
      all.add(i);
    }
    return all;
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("not in time: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private void awaitRestart(int workersSoFar) {
    await("another worker", () -> workers.size() > workersSoFar);
    await("it runs", () -> ladder.worker().state() == State.RUNNING);
  }

  @Test
  void theStreamsBeginningWaitsForTheFirstWorker() {
    behaviours.add(SupervisedLadderTest::echo);
    open(LONG, 5);
    segment(3);
    await("all of it", () -> samples("90p") == 3 && samples("60p") == 3);
    assertThat(sequences("90p")).containsExactly(0L);
  }

  @Test
  void sequenceNumbersGoOnOverCrashes() {
    behaviours.add(SupervisedLadderTest::echo);
    open(LONG, 100);
    for (int i = 0; i < 5; i++) {
      segment(3);
      long expected = 3 * (i + 1);
      await("the segment", () -> samples("60p") == expected && samples("90p") == expected);
      FakeWorker last = workers.getLast();
      int before = workers.size();
      last.crash(139);
      await("its end", () -> ladder.worker().restarts().get("crash") >= before);
      awaitRestart(before);
    }
    segment(1);
    await("the last", () -> samples("90p") == 16 && samples("60p") == 16);
    assertThat(sequences("90p")).isEqualTo(upToNow());
    assertThat(sequences("60p")).isEqualTo(upToNow());
    assertThat(ladder.worker().reason()).isEqualTo("crash: signal 11");
    assertThat(ladder.worker().starts()).isEqualTo(6);
    assertThat(ladder.worker().cpuNs()).isEqualTo(5_000_000_000L);
  }

  @Test
  void whatAWorkerOwedComesAtOnceAndANewOneBeginsAtABoundary() {
    // Takes everything and makes nothing.
    behaviours.add(
        (server, open) -> {
          server.send(new Message.Ready());
          for (Message message = server.receive(); message != null; message = server.receive()) {
            if (message instanceof Message.Event(int _, TrackEvent event)) {
              long cost = Window.cost(event);
              event.release();
              server.send(new Message.Credit(cost));
            }
          }
        });
    behaviours.add(SupervisedLadderTest::echo);
    open(LONG, 5);
    segment(3);
    segment(3);
    assertThat(sequences("90p")).isEmpty();
    workers.getFirst().crash(1);
    await("holes", () -> sequences("90p").equals(upToNow()));
    awaitRestart(1);
    ByteBuf late = Unpooled.buffer().writeZero(10);
    payloads.add(late);
    long ticks = sequence * SEGMENT - 12_000;
    ladder.accept(new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, 12_000, false, late));
    segment(2);
    await("pictures", () -> samples("90p") == 2 && samples("60p") == 2);
    assertThat(sequences("60p")).isEqualTo(upToNow());
  }

  @Test
  void aWorkerThatUsesNothingIsEndedAndThePumpGoesOn() throws Exception {
    behaviours.add(SupervisedLadderTest::takeWithoutAWord);
    behaviours.add(SupervisedLadderTest::echo);
    open(Duration.ofMillis(50), 5);
    segment(3);
    await(
        "hang noticed",
        () -> {
          ladder.look(System.nanoTime());
          return ladder.worker().restarts().get("hang") == 1;
        });
    assertThat(ladder.worker().reason()).startsWith("hang");
    awaitRestart(1);
    segment(2);
    await("pictures", () -> samples("90p") == 2);
    assertThat(sequences("90p")).isEqualTo(upToNow());
  }

  @Test
  void aFullWindowHoldsThePumpUntilTheWorkerIsEnded() throws Exception {
    behaviours.add(SupervisedLadderTest::takeWithoutAWord);
    open(LONG, 5);
    Thread pump =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < 8; i++) {
                    segment(10, 100_000); // twice the window
                  }
                });
    assertThat(pump.join(Duration.ofMillis(300))).isFalse();
    ladder.abort();
    assertThat(pump.join(LONG)).isTrue();
  }

  @Test
  void aWorkerThatSaysWhatNoneSaysIsEnded() {
    List<FakeWorker.Behaviour> lies =
        List.of(
            (server, open) -> server.send(new Message.Ready()), // and a second time, below
            (server, open) -> server.send(new Message.Event(9, new TrackEvent.End("no such rung"))),
            (server, open) -> server.send(new Message.Credit(1)),
            (server, open) -> server.send(new Message.RungFailed(5, "no such rung")),
            (server, open) ->
                server.send(new Message.Event(0, new Boundary(99, 0, Instant.EPOCH, false, 0))),
            (server, open) ->
                server.send(
                    new Message.Event(
                        0, new Sample(0, 0, 0, 0, true, Unpooled.buffer().writeZero(9)))),
            (server, open) -> server.send(new Message.Hello(1, new byte[16])),
            (server, open) -> server.send(open));
    for (FakeWorker.Behaviour lie : lies) {
      behaviours.add(
          (server, open) -> {
            server.send(new Message.Ready());
            lie.act(server, open);
            take(server);
          });
    }
    behaviours.add(SupervisedLadderTest::echo);
    open(LONG, 100);
    await("all of them", () -> ladder.worker().restarts().get("protocol") == lies.size());
    awaitRestart(lies.size());
    segment(1);
    await("pictures", () -> samples("90p") == 1);
    assertThat(sequences("90p")).isEqualTo(upToNow());
  }

  @Test
  void oneThatIsNotTheWorkerIsNotListenedTo() {
    strangers = 1;
    behaviours.add(SupervisedLadderTest::echo);
    open(LONG, 5);
    await("the real one", () -> ladder.worker().state() == State.RUNNING);
    segment(1);
    await("pictures", () -> samples("90p") == 1);
    assertThat(ladder.worker().restarts()).containsEntry("protocol", 1L);
    assertThat(workers).hasSize(2);
  }

  @Test
  void aWorkerBeyondItsMemoryIsEnded() {
    behaviours.add(SupervisedLadderTest::echo);
    open(LONG, 5);
    segment(1);
    await("pictures", () -> samples("90p") == 1);
    ladder.look(System.nanoTime());
    assertThat(ladder.worker().rssBytes()).isEqualTo(1 << 20);
    workers.getFirst().rssBytes = 2L << 30;
    ladder.look(System.nanoTime());
    await("its end", () -> ladder.worker().restarts().get("memory") == 1);
    awaitRestart(1);
  }

  @Test
  void aStreamThatEndsItsWorkersQuicklyHasNoLadderForAWhile() {
    behaviours.add((server, open) -> {});
    open(LONG, 3);
    await("a pause", () -> ladder.worker().state() == State.PAUSED);
    assertThat(ladder.worker().starts()).isEqualTo(3);
    assertThat(ladder.worker().restarts().get("start")).isEqualTo(3);
    assertThat(told.words()).containsExactly("worker.ended", "worker.ended", "worker.given_up");
    segment(3);
    segment(3);
    assertThat(sequences("90p")).isEqualTo(upToNow());
    assertThat(samples("90p")).isZero();
  }

  @Test
  void aRungThatFailsStaysAwayAndTheOthersGoOnWithTheNextWorkerToo() {
    behaviours.add(
        (server, open) -> {
          server.send(new Message.RungFailed(0, "no encoder"));
          takeWithoutAWord(server, open);
        });
    List<String> wanted = new CopyOnWriteArrayList<>();
    behaviours.add(
        (server, open) -> {
          open.ladder().video().forEach(rung -> wanted.add(rung.name()));
          echo(server, open);
        });
    open(LONG, 5);
    await("failure", () -> !failures.isEmpty());
    assertThat(failures).containsExactly("90p: no encoder");
    segment(1);
    workers.getFirst().crash(1);
    awaitRestart(1);
    segment(2);
    await("pictures", () -> samples("60p") == 2);
    assertThat(wanted).containsExactly("60p");
    assertThat(sequences("90p")).isEmpty();
    assertThat(sequences("60p")).isEqualTo(upToNow());
  }

  private static VideoRung rung(int heightPx) {
    return VideoRung.of(heightPx + "p", VideoCodec.H264, heightPx, 100_000, Profile.FAST);
  }

  private void change(VideoRung... rungs) {
    ladder.change(LadderPlan.resolve(new Ladder(List.of(rungs), null), source), sinks);
  }

  /**
   * Like {@link #echo}, and does what it is told of the ladder: rungs that have left end at once.
   */
  private static void follow(Connection server, Message.Open open) throws IOException {
    server.send(new Message.Ready());
    List<Integer> lanes = new ArrayList<>();
    for (int i = 0; i < open.ladder().video().size(); i++) {
      lanes.add(i);
    }
    for (Message message = server.receive(); message != null; message = server.receive()) {
      if (message instanceof Message.Change changed) {
        for (int lane : lanes) {
          if (!changed.lanes().contains(lane)) {
            server.send(new Message.Event(lane, new TrackEvent.End("left")));
          }
        }
        for (int lane : changed.lanes()) {
          server.send(new Message.Event(lane, new Format(TrackEvent.VIDEO_TRACK, source)));
        }
        lanes = changed.lanes();
      }
      if (!(message instanceof Message.Event(int _, TrackEvent event))) {
        continue;
      }
      long cost = Window.cost(event);
      try {
        for (int lane : lanes) {
          server.send(new Message.Event(lane, event.retain()));
        }
      } finally {
        event.release();
      }
      server.send(new Message.Credit(cost));
    }
  }

  @Test
  void aChangedLadderIsTheSameWorkers() {
    behaviours.add(SupervisedLadderTest::follow);
    open(LONG, 5);
    segment(3);
    segment(3);
    change(rung(120), rung(90));
    segment(3);
    segment(3);
    await("all of it", () -> samples("90p") == 12 && samples("120p") == 6);
    assertThat(sequences("90p")).isEqualTo(upToNow());
    assertThat(sequences("120p")).containsExactly(2L, 3L);
    assertThat(sequences("60p")).containsExactly(0L, 1L);
    assertThat(samples("60p")).isEqualTo(6);
    assertThat(renditions.get("60p").getLast()).isSameAs(LadderEngine.LEFT);
    assertThat(workers).hasSize(1);
    assertThat(failures).isEmpty();
  }

  @Test
  void aLadderMayChangeMoreOftenThanThereAreLanes() {
    behaviours.add(SupervisedLadderTest::follow);
    open(LONG, 5);
    for (int i = 0; i < 2 * Wire.MAX_LANES; i++) {
      segment(1);
      change(rung(90), rung(64 + 2 * (i % 2)));
      segment(1);
      long expected = sequence;
      await("the segment", () -> samples("90p") == expected);
    }
    assertThat(sequences("90p")).isEqualTo(upToNow());
    assertThat(workers).hasSize(1);
  }

  @Test
  void theNextWorkerIsOpenedForTheLadderAsItIs() {
    behaviours.add(SupervisedLadderTest::follow);
    open(LONG, 100);
    segment(3);
    await("the first segment", () -> samples("90p") == 3 && samples("60p") == 3);
    workers.getFirst().crash(139);
    await("its end", () -> ladder.worker().restarts().get("crash") >= 1);
    change(rung(90), rung(120));
    awaitRestart(1);
    segment(3);
    await("pictures", () -> samples("90p") == 6 && samples("120p") == 3);
    assertThat(sequences("90p")).isEqualTo(upToNow());
    assertThat(sequences("120p")).containsExactly(1L);
    assertThat(renditions.get("60p").getLast()).isSameAs(LadderEngine.LEFT);
  }

  @Test
  void withoutAWorkerTheRenditionsStillComeAndGo() {
    behaviours.add(SupervisedLadderTest::follow);
    open(LONG, 1);
    segment(3);
    await("the first segment", () -> samples("90p") == 3 && samples("60p") == 3);
    workers.getFirst().crash(139);
    await("a pause", () -> ladder.worker().state() == State.PAUSED);
    change(rung(90), rung(120));
    segment(3);
    assertThat(sequences("90p")).isEqualTo(upToNow());
    assertThat(sequences("120p")).containsExactly(1L);
    assertThat(samples("120p")).isZero();
    assertThat(renditions.get("60p").getLast()).isSameAs(LadderEngine.LEFT);
  }
}
