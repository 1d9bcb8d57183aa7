package io.millrace.server.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a worker writes to its standard error, as lines of the server's log. Bounded: long lines are
 * cut, and of a flood most is counted only. Ends with the worker.
 */
final class LogRelay implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LogRelay.class);
  private static final int MAX_CHARS = 400;
  private static final int MAX_LINES_A_SECOND = 20;

  /** As the server's own text layout: a time, a level, and the rest. */
  private static final Pattern OWN =
      Pattern.compile("\\S+Z (ERROR|WARN|INFO|DEBUG|TRACE) +(.*)", Pattern.DOTALL);

  private final long pid;
  private final InputStream errors;
  private volatile String streamName = "none yet";

  LogRelay(long pid, InputStream errors) {
    this.pid = pid;
    this.errors = errors;
  }

  /** Lines are this stream's from now on. */
  void serve(String name) {
    streamName = name;
  }

  @Override
  public void run() {
    long second = 0;
    int lines = 0;
    long left = 0;
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(errors, StandardCharsets.UTF_8))) {
      for (String line = next(reader); line != null; line = next(reader)) {
        long now = System.nanoTime() / 1_000_000_000;
        if (now != second) {
          second = now;
          lines = 0;
        }
        if (++lines <= MAX_LINES_A_SECOND) {
          log(line);
        } else {
          left++;
        }
      }
    } catch (IOException e) {
      LOG.atDebug().addKeyValue("pid", pid).setCause(e).log("log of a worker ended");
    }
    if (left > 0) {
      LOG.atWarn()
          .addKeyValue("stream", streamName)
          .addKeyValue("pid", pid)
          .addKeyValue("lines", left)
          .log("worker has written more than was logged");
    }
  }

  /** A line, or the beginning of one; null at the end. */
  private static @org.jspecify.annotations.Nullable String next(BufferedReader reader)
      throws IOException {
    StringBuilder line = new StringBuilder();
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (line.length() < MAX_CHARS) {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private void log(String line) {
    if (line.isBlank()) {
      return;
    }
    Matcher own = OWN.matcher(line);
    Level level = own.matches() ? Level.valueOf(own.group(1)) : Level.WARN;
    LOG.atLevel(level)
        .addKeyValue("stream", streamName)
        .addKeyValue("pid", pid)
        .log("worker: {}", own.matches() ? own.group(2) : line);
  }
}
