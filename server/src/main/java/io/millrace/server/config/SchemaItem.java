package io.millrace.server.config;

/** What a {@link Group} is made of. */
sealed interface SchemaItem permits Key, Group {
  /** Dotted, within the group around it. */
  String path();
}
