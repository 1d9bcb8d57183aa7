package io.millrace.codec.worker;

import static java.util.Objects.requireNonNull;

import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.EncoderStuckException;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.Transcoder;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderSettings;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.quality.QualitySampling;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's side of the connection: opens the ladder that the server wants, feeds it, and sends
 * what comes out.
 *
 * <pre>
 *  server ─► thread of run(): receives ─► queue ─► "decode": Transcoder.accept, says what is used
 *     ▲                                                          │
 *     └──────────────── threads of the rungs: send, wait for the window ◄──┘     "alive": statistics
 * </pre>
 *
 * The receiving thread never sends, so what the server sends always flows off, whatever waits here.
 * The queue is bounded by the server's window.
 */
public final class WorkerSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerSession.class);
  private static final Duration ALIVE = Duration.ofSeconds(1);

  /** As often as the server looks at what encoders take. */
  private static final Duration TELLS_EVERY = Duration.ofMillis(250);

  /** Finds the video encoders of this process, on the thread that decodes. */
  @FunctionalInterface
  public interface EncoderSource {
    /**
     * @param svtAv1Library a library that the operator named; null without
     */
    VideoEncoders open(@Nullable String svtAv1Library);
  }

  /** Why a session is over. */
  public enum Outcome {
    /** The server has ended the connection, or has ended itself. */
    DISCONNECTED,
    /** An encoder does not return: only the end of the process helps. */
    STUCK,
    /** Our bug, or the server's. */
    FAILED
  }

  private final Connection connection;
  private final byte[] token;
  private final EncoderSource encoders;
  private final Window window = new Window(Wire.WINDOW_BYTES, System::nanoTime);
  private final LinkedBlockingQueue<Message> queue = new LinkedBlockingQueue<>();
  private final Thread alive = thread("alive", this::tellStatistics);
  private @Nullable Thread decode;
  private volatile @Nullable Transcoder transcoder;

  /** The video rungs by the numbers of their lanes; those that the ladder is about to get, too. */
  private final Map<Integer, String> rungNames = new ConcurrentHashMap<>();

  private volatile boolean over;
  private volatile @Nullable Outcome failure;

  /**
   * @param channel connected to the server
   * @param token what the server gave this process
   */
  public WorkerSession(SocketChannel channel, byte[] token, EncoderSource encoders) {
    this.connection = new Connection(channel);
    this.token = token.clone();
    this.encoders = encoders;
  }

  /** Works until the connection ends. What is inside then is left to {@link #close}. */
  public Outcome run() {
    try {
      connection.send(new Message.Hello(Wire.VERSION, token));
      Message first = connection.receive();
      if (first == null) {
        return Outcome.DISCONNECTED;
      }
      if (!(first instanceof Message.Open open)) {
        throw new WireException("what is to be encoded was not said");
      }
      alive.start(); // it may have waited for long, and nobody has listened
      name(open.ladder(), inOrder(open.ladder()));
      Thread decoding = thread("decode", () -> decode(open));
      decode = decoding;
      decoding.start();
      for (Message message = connection.receive();
          message != null;
          message = connection.receive()) {
        take(message);
      }
    } catch (WireException e) {
      LOG.atError().setCause(e).log("the server does not keep to the protocol");
      return Outcome.FAILED;
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("connection ended");
    } finally {
      over = true;
      window.close();
    }
    Outcome failed = failure;
    return failed == null ? Outcome.DISCONNECTED : failed;
  }

  private void take(Message message) throws WireException {
    switch (message) {
      case Message.Event event -> queue.add(event);
      case Message.Change change -> {
        name(change.ladder(), change.lanes());
        queue.add(change);
      }
      case Message.Want want -> want(want);
      case Message.Credit credit -> window.release(credit.bytes());
      case Message.Hello _,
          Message.Open _,
          Message.Ready _,
          Message.Stats _,
          Message.RungFailed _,
          Message.SourceFailed _ ->
          throw new WireException("a message that only workers send");
    }
  }

  /** The server says so to a ladder that is ready, and of rungs that it has told of. */
  private void want(Message.Want want) throws WireException {
    Transcoder running = transcoder;
    String rung = rungNames.get(want.lane());
    if (running == null || rung == null) {
      throw new WireException("no rung " + want.lane() + " to be wanted");
    }
    running.want(rung, want.encode());
    running.pace(rung, want.pace());
  }

  private void name(Ladder ladder, List<Integer> lanes) {
    for (int i = 0; i < ladder.video().size(); i++) {
      rungNames.put(lanes.get(i), ladder.video().get(i).name());
    }
  }

  private static List<Integer> inOrder(Ladder ladder) {
    return IntStream.rangeClosed(0, ladder.video().size()).boxed().toList();
  }

  private void decode(Message.Open open) {
    LadderPlan plan = LadderPlan.whole(open.ladder(), open.source());
    Lanes lanes = new Lanes(open.ladder(), inOrder(open.ladder()));
    Reports reports = new Reports(lanes);
    try (Transcoder running =
        new Transcoder(
            open.streamName(),
            plan,
            lanes,
            encoders.open(open.svtAv1Library()),
            TranscoderSettings.LIVE.with(sampling(open.vmafProgram())),
            reports)) {
      transcoder = running;
      connection.send(new Message.Ready());
      feed(running, reports);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("connection ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      LOG.atError().setCause(e).log("worker failed");
      fail(Outcome.FAILED);
    }
  }

  private static @Nullable QualitySampling sampling(@Nullable String vmafProgram) {
    return vmafProgram == null ? null : QualitySampling.by(Path.of(vmafProgram));
  }

  private void feed(Transcoder running, Reports reports) throws IOException, InterruptedException {
    Credits credits = new Credits(connection);
    while (!over) {
      Message message = queue.poll();
      if (message == null) {
        credits.flush();
        message = queue.poll(ALIVE.toMillis(), TimeUnit.MILLISECONDS);
      }
      if (message instanceof Message.Event(int _, TrackEvent event)) {
        long cost = Window.cost(event);
        running.accept(event);
        credits.used(cost);
      } else if (message instanceof Message.Change change) {
        Lanes lanes = new Lanes(change.ladder(), change.lanes());
        reports.lanes = lanes;
        running.change(LadderPlan.whole(change.ladder(), change.source()), lanes);
      }
    }
  }

  private void tellStatistics() {
    try {
      while (!over) {
        Transcoder running = transcoder;
        TranscoderStats stats = running == null ? TranscoderStats.NONE : running.stats();
        connection.send(new Message.Stats(stats.waiting(queue.size())));
        Thread.sleep(TELLS_EVERY);
      }
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("connection ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(Outcome outcome) {
    failure = outcome;
    connection.disconnect();
  }

  /** What the rungs make, under the numbers of their lanes; the sound comes last. */
  private final class Lanes implements RungSinks {
    private static final String SOUND = "audio";

    private final Ladder ladder;
    private final List<Integer> numbers;

    Lanes(Ladder ladder, List<Integer> numbers) {
      this.ladder = ladder;
      this.numbers = numbers;
    }

    /** Null where it is none of the ladder's. */
    @Nullable Integer of(String rung) {
      for (int i = 0; i < ladder.video().size(); i++) {
        if (ladder.video().get(i).name().equals(rung)) {
          return numbers.get(i);
        }
      }
      boolean sound = rung.equals(SOUND) && numbers.size() > ladder.video().size();
      return sound ? numbers.getLast() : null;
    }

    @Override
    public TrackSink video(PlannedRung rung) {
      return lane(requireNonNull(of(rung.rung().name())));
    }

    @Override
    public TrackSink audio(AudioRung rung) {
      return lane(numbers.get(ladder.video().size()));
    }

    private TrackSink lane(int lane) {
      return event -> {
        if (!window.acquire(Window.cost(event))) {
          event.release();
          return;
        }
        try {
          connection.send(new Message.Event(lane, event));
        } catch (IOException e) {
          over = true;
          window.close();
        }
      };
    }
  }

  private final class Reports implements TranscoderListener {
    private volatile Lanes lanes;

    Reports(Lanes lanes) {
      this.lanes = lanes;
    }

    @Override
    public void rungFailed(String rung, Throwable cause) {
      Integer lane = lanes.of(rung);
      if (cause instanceof EncoderStuckException) {
        fail(Outcome.STUCK);
      } else if (lane != null) {
        report(new Message.RungFailed(lane, String.valueOf(cause.getMessage())));
      }
    }

    @Override
    public void sourceFailed(Throwable cause) {
      report(new Message.SourceFailed(String.valueOf(cause.getMessage())));
    }

    private void report(Message message) {
      try {
        connection.send(message);
      } catch (IOException e) {
        over = true;
      }
    }
  }

  private static Thread thread(String name, Runnable task) {
    return Thread.ofPlatform().name(name).daemon().unstarted(task);
  }

  /** Ends the connection, waits for the ladder and frees it: for tests, where no process ends. */
  @Override
  public void close() throws InterruptedException {
    over = true;
    window.close();
    connection.disconnect();
    alive.interrupt();
    Thread decoding = decode;
    if (decoding != null) {
      decoding.join();
    }
    connection.close();
    for (Message left : queue) {
      if (left instanceof Message.Event(int _, TrackEvent event)) {
        event.release();
      }
    }
    queue.clear();
  }
}
