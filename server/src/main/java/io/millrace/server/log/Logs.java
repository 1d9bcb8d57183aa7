package io.millrace.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import io.millrace.server.config.LogConfig;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/** Sets logging up in code: no XML is looked for or parsed, which is most of Logback's start. */
public final class Logs {
  private static final LogConfig AT_FIRST =
      new LogConfig(LogConfig.Format.TEXT, LogConfig.Level.INFO);

  private Logs() {}

  /** Applies {@code config} to the process. */
  public static void configure(LogConfig config) {
    configure((LoggerContext) LoggerFactory.getILoggerFactory(), config);
  }

  /** Text at INFO, until the configuration is read. */
  static void configureAtFirst(LoggerContext context) {
    configure(context, AT_FIRST);
  }

  private static void configure(LoggerContext context, LogConfig config) {
    Layout<ILoggingEvent> layout =
        switch (config.format()) {
          case TEXT -> new TextLayout();
          case JSON -> new JsonLayout();
        };
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(layout);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();

    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
    Level level = Level.toLevel(config.level().name());
    boolean libraries = config.level() == LogConfig.Level.TRACE;
    root.setLevel(
        libraries ? Level.DEBUG : level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    context.getLogger("io.millrace").setLevel(level);
  }
}
