package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A worker's own words in the server's log: its levels, and no flood. */
class LogRelayTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(LogRelay.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
  }

  private List<ILoggingEvent> relay(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    LogRelay relay = new LogRelay(7, new ByteArrayInputStream(bytes));
    relay.serve("live/a");
    relay.run();
    return lines.list;
  }

  @Test
  void linesKeepTheirLevel() {
    relay("2026-11-21T01:02:03.456Z INFO  encoding rung=a\n\nlibx: something\nlast");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.INFO, Level.WARN, Level.WARN);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("worker: encoding rung=a", "worker: libx: something", "worker: last");
  }

  @Test
  void aFloodIsCutAndCounted() {
    List<ILoggingEvent> logged = relay(("x".repeat(1000) + "\n").repeat(300));
    assertThat(logged).hasSizeBetween(21, 200);
    assertThat(logged).allMatch(line -> line.getFormattedMessage().length() < 450);
    assertThat(logged.getLast().getFormattedMessage()).contains("more than was logged");
  }
}
