package io.millrace.loadtest.overload;

import io.millrace.loadtest.viewers.LiveServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the server four times a second: its metrics, its log, and the kernel's queues in front
 * of it. A thread of its own; everything may be asked from any.
 */
final class Observation implements AutoCloseable {
  private static final long LOOK_MS = 250;
  private static final String TOO_FAR_BEHIND = "decoding is too far behind";

  private final LiveServer server;
  private final Path log;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private long readTo;

  private final List<Step> steps = new ArrayList<>();

  private final List<Sample> samples = new ArrayList<>();

  private int failures;
  private int givenUpSources;

  Observation(LiveServer server, Path log) {
    this.server = server;
    this.log = log;
    this.thread = Thread.ofPlatform().name("observation").daemon().start(this::run);
  }

  synchronized List<Step> steps() {
    return List.copyOf(steps);
  }

  synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Looks that got no answer. */
  synchronized int failures() {
    return failures;
  }

  /** How often a stream's decoding was so far behind that all its rungs lost segments. */
  synchronized int givenUpSources() {
    return givenUpSources;
  }

  private void run() {
    try {
      do {
        look();
      } while (!closed.await(LOOK_MS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws InterruptedException {
    try {
      long ingestBytes = SocketQueues.most(server.port("rtmp"));
      Sample sample = Sample.parse(server.metricsText(), System.currentTimeMillis(), ingestBytes);
      List<Step> found = newSteps();
      synchronized (this) {
        samples.add(sample);
        steps.addAll(found);
      }
    } catch (IOException e) {
      synchronized (this) {
        failures++;
      }
    }
  }

  /** Of whole lines only. */
  private List<Step> newSteps() throws IOException {
    byte[] bytes;
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      bytes = new byte[(int) Math.min(file.length() - readTo, 1 << 20)];
      file.seek(readTo);
      file.readFully(bytes);
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.lastIndexOf('\n') + 1;
    readTo += end;
    List<Step> found = new ArrayList<>();
    for (String line : text.substring(0, end).lines().toList()) {
      if (line.contains(TOO_FAR_BEHIND)) {
        synchronized (this) {
          givenUpSources++;
        }
      }
      Step step = Step.parse(line);
      if (step != null) {
        found.add(step);
      }
    }
    return found;
  }

  @Override
  public void close() throws InterruptedException {
    closed.countDown();
    thread.join();
  }
}
