package io.millrace.server.worker;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.codec.worker.Connection;
import io.millrace.codec.worker.Credits;
import io.millrace.codec.worker.Message;
import io.millrace.codec.worker.Window;
import io.millrace.codec.worker.Wire;
import io.millrace.codec.worker.WorkerSession;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker's session with itself, over a second of a test picture, so that everything is loaded
 * that a worker needs: what the cache of loaded classes is made from.
 */
final class Training {
  private static final long LENGTH_NS = 1_000_000_000L;

  private Training() {}

  /** Returns the exit code of the process. */
  static int run() throws IOException {
    List<TrackEvent> source = record();
    TrackFormat.Video format = null;
    for (TrackEvent event : source) {
      if (event instanceof TrackEvent.Format(int _, TrackFormat.Video video)) {
        format = video;
      }
    }
    if (format == null) {
      return 1;
    }
    Path directory = Files.createTempDirectory("millrace");
    Path socket = directory.resolve("w");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket));
      SocketChannel worker = SocketChannel.open(StandardProtocolFamily.UNIX);
      worker.connect(UnixDomainSocketAddress.of(socket));
      WorkerSession session =
          new WorkerSession(worker, new byte[Wire.TOKEN_BYTES], WorkerMain::encoders);
      Thread.ofPlatform().daemon().start(session::run);
      try (Connection connection = new Connection(listener.accept())) {
        return converse(connection, format, source) ? 0 : 1;
      }
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  private static List<TrackEvent> record() {
    TestSourceSettings small =
        TestSourceSettings.hd(Instant.EPOCH)
            .withSize(320, 180, 300_000)
            .withFrameRate(new Rational(25, 1), 25, false);
    List<TrackEvent> events = new ArrayList<>();
    try (TestSource source = new TestSource(small, events::add)) {
      source.advanceTo(LENGTH_NS);
      source.finish();
    }
    return events;
  }

  /** True when every rung has come to its end. */
  private static boolean converse(
      Connection connection, TrackFormat.Video format, List<TrackEvent> source) throws IOException {
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("h264", VideoCodec.H264, 90, 100_000, Profile.FAST),
                VideoRung.of("av1", VideoCodec.AV1, 90, 100_000, Profile.FAST)),
            AudioRung.aac(64_000));
    int running = ladder.video().size() + 1;
    Credits credits = new Credits(connection);
    for (Message message = connection.receive();
        message != null && running > 0;
        message = connection.receive()) {
      switch (message) {
        case Message.Hello _ ->
            connection.send(new Message.Open("training", ladder, format, null, null));
        case Message.Ready _ -> feed(connection, source);
        case Message.Event(int _, TrackEvent event) -> {
          running -= event instanceof TrackEvent.End ? 1 : 0;
          credits.used(Window.cost(event));
          event.release();
          if (running == 0) {
            return true;
          }
        }
        case Message.RungFailed _, Message.SourceFailed _ -> {
          return false;
        }
        case Message.Open _,
            Message.Credit _,
            Message.Stats _,
            Message.Want _,
            Message.Change _ -> {}
      }
    }
    return false;
  }

  private static void feed(Connection connection, List<TrackEvent> source) throws IOException {
    for (TrackEvent event : source) {
      if (event instanceof TrackEvent.Sample sample
          && sample.track() == TrackEvent.VIDEO_TRACK
          && sample.key()) {
        send(connection, new TrackEvent.Boundary(0, sample.ptsTicks(), Instant.EPOCH, false));
      }
      send(connection, event);
    }
    send(connection, new TrackEvent.End("trained"));
  }

  private static void send(Connection connection, TrackEvent event) throws IOException {
    connection.send(new Message.Event(Message.SOURCE, event));
  }
}
