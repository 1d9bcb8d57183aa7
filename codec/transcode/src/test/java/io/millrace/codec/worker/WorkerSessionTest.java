package io.millrace.codec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.VideoCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker's side, in this process: a real ladder behind a real socket. */
@Timeout(60)
class WorkerSessionTest {
  private static final byte[] TOKEN = new byte[Wire.TOKEN_BYTES];
  private static final Ladder LADDER =
      new Ladder(
          List.of(VideoRung.of("90p", VideoCodec.H264, 90, 100_000, Profile.FAST)),
          AudioRung.aac(64_000));

  @Test
  void encodesWhatItIsGivenAndSaysWhatItHasUsed() throws Exception {
    // No more pictures than may wait in front of a rung: they come faster than they are encoded.
    RecordingSink clip =
        Clips.record(
            Clips.small().withFrameRate(new Rational(25, 1), 8, false).withAudio(2, 48_000), 600);
    List<TrackEvent> source = Clips.live(clip);
    SocketPair pair = SocketPair.open();
    RecordingSink video = new RecordingSink();
    RecordingSink audio = new RecordingSink();
    long creditBytes = 0;
    long sentBytes = 0;
    WorkerSession session = new WorkerSession(pair.worker(), TOKEN, _ -> FfmpegEngines::openH264);
    CompletableFuture<WorkerSession.Outcome> outcome = CompletableFuture.supplyAsync(session::run);
    try (Connection server = new Connection(pair.server())) {
      assertThat(server.receive()).isInstanceOf(Message.Hello.class);
      server.send(new Message.Open("live/test", LADDER, clip.videoFormat(), null, null));
      boolean stats = false;
      int running = 2;
      while (running > 0 || creditBytes < sentBytes || !stats) {
        switch (server.receive()) {
          case Message.Ready _ -> {
            for (TrackEvent event : source) {
              sentBytes += Window.cost(event);
              server.send(new Message.Event(Message.SOURCE, event.retain()));
            }
          }
          case Message.Credit credit -> creditBytes += credit.bytes();
          case Message.Stats _ -> stats = true;
          case Message.Event(int lane, TrackEvent event) -> {
            running -= event instanceof TrackEvent.End ? 1 : 0;
            (lane == 0 ? video : audio).accept(event);
          }
          case Message unexpected -> throw new AssertionError(unexpected.toString());
        }
      }
    }
    assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(WorkerSession.Outcome.DISCONNECTED);
    session.close();
    assertThat(creditBytes).isEqualTo(sentBytes);
    assertThat(video.boundaries().stream().map(Boundary::sequence)).containsExactly(100L, 101L);
    assertThat(video.samples()).hasSameSizeAs(clip.samples(TrackEvent.VIDEO_TRACK));
    assertThat(video.samples().stream().filter(Sample::key)).hasSize(2);
    assertThat(audio.boundaries()).hasSize(2);
    assertThat(audio.samples()).hasSizeGreaterThan(20);
  }

  @Test
  void encodesAnotherLadderFromABoundaryOn() throws Exception {
    RecordingSink clip =
        Clips.record(
            Clips.small().withFrameRate(new Rational(25, 1), 8, false).withAudio(2, 48_000), 600);
    Ladder other =
        new Ladder(
            List.of(
                VideoRung.of("64p", VideoCodec.H264, 64, 100_000, Profile.FAST),
                VideoRung.of("180p", VideoCodec.H264, 180, 100_000, Profile.FAST)),
            AudioRung.PASSTHROUGH);
    SocketPair pair = SocketPair.open();
    Map<Integer, RecordingSink> lanes = new HashMap<>();
    WorkerSession session = new WorkerSession(pair.worker(), TOKEN, _ -> FfmpegEngines::openH264);
    CompletableFuture<WorkerSession.Outcome> outcome = CompletableFuture.supplyAsync(session::run);
    try (Connection server = new Connection(pair.server())) {
      assertThat(server.receive()).isInstanceOf(Message.Hello.class);
      server.send(new Message.Open("live/test", LADDER, clip.videoFormat(), null, null));
      int ends = 0;
      while (ends < 4) {
        switch (server.receive()) {
          case Message.Ready _ -> {
            for (TrackEvent event : Clips.live(clip)) {
              if (event instanceof Boundary boundary && boundary.sequence() == 101) {
                server.send(new Message.Change(other, clip.videoFormat(), List.of(5, 2)));
                server.send(new Message.Want(2, false, RungPace.FULL));
              }
              server.send(new Message.Event(Message.SOURCE, event.retain()));
            }
          }
          case Message.Event(int lane, TrackEvent event) -> {
            ends += event instanceof TrackEvent.End ? 1 : 0;
            lanes.computeIfAbsent(lane, _ -> new RecordingSink()).accept(event);
          }
          case Message.Credit _, Message.Stats _ -> {}
          case Message unexpected -> throw new AssertionError(unexpected.toString());
        }
      }
    }
    assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(WorkerSession.Outcome.DISCONNECTED);
    session.close();
    assertThat(lanes).containsOnlyKeys(0, 1, 2, 5);
    assertThat(sequences(lanes.get(0))).containsExactly(100L);
    assertThat(sequences(lanes.get(1))).containsExactly(100L);
    assertThat(sequences(lanes.get(5))).containsExactly(101L);
    assertThat(lanes.get(5).samples().getFirst().key()).isTrue();
    assertThat(lanes.get(0).samples().size() + lanes.get(5).samples().size())
        .isEqualTo(clip.samples(TrackEvent.VIDEO_TRACK).size());
    assertThat(sequences(lanes.get(2))).containsExactly(101L);
    assertThat(lanes.get(2).samples()).isEmpty();
  }

  @Test
  void aRungIsEncodedWithLessWhereTheServerSaysSo() throws Exception {
    RecordingSink clip =
        Clips.record(
            Clips.small().withFrameRate(new Rational(25, 1), 8, false).withAudio(2, 48_000), 600);
    SocketPair pair = SocketPair.open();
    RecordingSink video = new RecordingSink();
    WorkerSession session = new WorkerSession(pair.worker(), TOKEN, _ -> FfmpegEngines::openH264);
    CompletableFuture<WorkerSession.Outcome> outcome = CompletableFuture.supplyAsync(session::run);
    boolean told = false;
    try (Connection server = new Connection(pair.server())) {
      assertThat(server.receive()).isInstanceOf(Message.Hello.class);
      server.send(new Message.Open("live/test", LADDER, clip.videoFormat(), null, null));
      int ends = 0;
      while (ends < 2 || !told) {
        switch (server.receive()) {
          case Message.Ready _ -> {
            server.send(new Message.Want(0, true, new RungPace(1, true)));
            for (TrackEvent event : Clips.live(clip)) {
              server.send(new Message.Event(Message.SOURCE, event.retain()));
            }
          }
          case Message.Event(int lane, TrackEvent event) -> {
            ends += event instanceof TrackEvent.End ? 1 : 0;
            if (lane == 0) {
              video.accept(event);
            } else {
              event.release();
            }
          }
          case Message.Stats(var stats) ->
              told |=
                  stats.rungs().stream()
                      .anyMatch(rung -> rung.preset().equals("superfast") && rung.halfRate());
          case Message.Credit _ -> {}
          case Message unexpected -> throw new AssertionError(unexpected.toString());
        }
      }
    }
    assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(WorkerSession.Outcome.DISCONNECTED);
    session.close();
    assertThat(video.boundaries()).hasSize(2);
    assertThat(video.samples()).hasSize(8); // of GOPs of 8 and 7 pictures
  }

  private static List<Long> sequences(RecordingSink sink) {
    return sink.boundaries().stream().map(Boundary::sequence).toList();
  }

  @Test
  void aServerThatDoesNotSayWhatIsWantedIsRefused() throws Exception {
    SocketPair pair = SocketPair.open();
    WorkerSession session = new WorkerSession(pair.worker(), TOKEN, _ -> FfmpegEngines::openH264);
    CompletableFuture<WorkerSession.Outcome> outcome = CompletableFuture.supplyAsync(session::run);
    try (Connection server = new Connection(pair.server())) {
      server.send(new Message.Ready());
      assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(WorkerSession.Outcome.FAILED);
    }
    session.close();
  }

  @Test
  void aWorkerWhoseLibrariesAreMissingEndsItself() throws Exception {
    SocketPair pair = SocketPair.open();
    WorkerSession session =
        new WorkerSession(
            pair.worker(),
            TOKEN,
            _ -> {
              throw new UnsatisfiedLinkError("no such library");
            });
    CompletableFuture<WorkerSession.Outcome> outcome = CompletableFuture.supplyAsync(session::run);
    try (Connection server = new Connection(pair.server())) {
      server.send(new Message.Open("live/test", LADDER, Messages.VIDEO, null, null));
      assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(WorkerSession.Outcome.FAILED);
    }
    session.close();
  }
}
