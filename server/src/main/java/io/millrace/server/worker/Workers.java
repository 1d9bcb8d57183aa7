package io.millrace.server.worker;

import io.millrace.codec.ladder.LadderEngine;
import io.millrace.codec.ladder.LadderEngines;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.server.event.EventSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens ladders in worker processes, one a ladder, and watches over them. Thread-safe. */
public final class Workers implements LadderEngines, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
  private static final Duration LOOK = Duration.ofMillis(250);

  /** With libraries to be unpacked first, on a machine that is busy. */
  private static final Duration START = Duration.ofSeconds(30);

  /** {@code sun_path} of unix(7) has 108 bytes, and a name comes behind this. */
  private static final int MAX_PATH_BYTES = 80;

  private final WorkerSettings settings;
  private final EventSink events;
  private final Path directory;
  private final Path crashFile;
  private final Standby standby;
  private volatile boolean wanted;
  private final Set<SupervisedLadder> ladders = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("workers").daemon().factory());

  private Workers(
      WorkerSettings settings, boolean wanted, Path directory, Path crashFile, EventSink events) {
    this.events = events;
    this.wanted = wanted;
    this.settings = settings;
    this.directory = directory;
    this.crashFile = crashFile;
    this.standby =
        new Standby(() -> WorkerProcess.launch(settings, directory, crashFile), System.nanoTime());
    var unused =
        watchdog.scheduleWithFixedDelay(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * @param wanted whether streams are expected that need a worker: then one is kept waiting from
   *     the start, and otherwise from the first of them on
   * @param dataDir takes what the JVM says of a worker's crash
   * @param events is told of workers that begin and end
   * @throws IOException when there is no place for sockets
   */
  public static Workers open(
      WorkerSettings settings, boolean wanted, Path dataDir, EventSink events) throws IOException {
    Path parent = settings.cgroup();
    String obstacle = parent == null ? null : Cgroup.obstacle(parent);
    WorkerSettings usable = settings;
    if (obstacle != null) {
      LOG.atWarn()
          .addKeyValue("cgroup", parent)
          .addKeyValue("reason", obstacle)
          .log("workers have no groups of their own; the server watches their memory");
      usable = settings.withoutGroups();
    }
    return new Workers(
        usable,
        wanted,
        socketDirectory(),
        dataDir.toAbsolutePath().resolve("worker-crash.log"),
        events);
  }

  private static Path socketDirectory() throws IOException {
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path made = Files.createTempDirectory("millrace", owner);
    if (made.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      Files.delete(made);
      made = Files.createTempDirectory(Path.of("/tmp"), "millrace", owner);
    }
    return made;
  }

  @Override
  public LadderEngine open(
      String streamName, LadderPlan plan, RungSinks sinks, TranscoderListener listener) {
    SupervisedLadder ladder =
        new SupervisedLadder(
            streamName,
            plan,
            settings.paths(),
            sinks,
            listener,
            this::launch,
            new SupervisedLadder.Patience(START, settings.hangAfter(), settings.maxRssBytes()),
            new RestartPolicy(RestartPolicy.Settings.of(settings.quickEnds())),
            ladders::remove,
            events);
    ladders.add(ladder);
    wanted = true;
    ladder.start();
    return ladder;
  }

  private Worker launch(String streamName) throws IOException {
    Worker worker = standby.take(System.nanoTime());
    worker.serve(streamName);
    return worker;
  }

  private void look() {
    long nowNs = System.nanoTime();
    try {
      if (wanted) {
        standby.look(nowNs);
      }
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("no worker can be kept waiting");
    }
    for (SupervisedLadder ladder : ladders) {
      try {
        ladder.look(nowNs);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("a worker cannot be looked at");
      }
    }
  }

  /** Ends every worker that is left. */
  @Override
  public void close() {
    watchdog.shutdownNow();
    standby.close();
    ladders.forEach(SupervisedLadder::abort);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("directory of sockets is left");
    }
  }
}
