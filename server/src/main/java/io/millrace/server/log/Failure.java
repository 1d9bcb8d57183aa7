package io.millrace.server.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** An exception as text for one line. */
final class Failure {
  private static final int MAX_CAUSES = 5;

  private Failure() {}

  /** {@code Type: message, caused by Type: message}. */
  static String summary(IThrowableProxy failure) {
    StringJoiner out = new StringJoiner(", caused by ");
    @Nullable IThrowableProxy each = failure;
    for (int i = 0; each != null && i < MAX_CAUSES; i++) {
      String message = each.getMessage();
      out.add(each.getClassName() + (message == null ? "" : ": " + message));
      each = each.getCause();
    }
    return out.toString();
  }

  /** The first {@code maxFrames} frames of {@code failure} and as many of each cause. */
  static String stack(IThrowableProxy failure, int maxFrames) {
    StringJoiner out = new StringJoiner(" | ");
    @Nullable IThrowableProxy each = failure;
    for (int i = 0; each != null && i < MAX_CAUSES; i++) {
      if (i > 0) {
        out.add("caused by " + each.getClassName());
      }
      StackTraceElementProxy[] frames = each.getStackTraceElementProxyArray();
      int own = frames.length - (i == 0 ? 0 : each.getCommonFrames());
      for (int f = 0; f < Math.min(own, maxFrames); f++) {
        out.add(frames[f].getStackTraceElement().toString());
      }
      each = each.getCause();
    }
    return out.toString();
  }
}
