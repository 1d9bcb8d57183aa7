package io.millrace.server.ingest;

import io.millrace.server.live.InputRole;
import org.jspecify.annotations.Nullable;

/** How a publisher says which input of its stream it is: {@code NAME?key=KEY&input=backup}. */
final class InputRoles {
  static final String PARAMETER = "input";

  private InputRoles() {}

  /** Null for anything but {@code main} and {@code backup}. */
  static @Nullable InputRole parse(@Nullable String text) {
    return switch (text) {
      case "main" -> InputRole.MAIN;
      case "backup" -> InputRole.BACKUP;
      case null, default -> null;
    };
  }
}
