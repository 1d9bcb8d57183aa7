package io.millrace.server.config;

/** Where the configuration comes from, at the start and at each reload. */
@FunctionalInterface
public interface ConfigSource {
  /**
   * Reads and checks all of it.
   *
   * @throws ConfigException with every error found
   */
  ConfigLoader.Loaded load();
}
