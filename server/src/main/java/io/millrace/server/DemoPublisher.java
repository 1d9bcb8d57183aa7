package io.millrace.server;

/** tmp */
final class DemoPublisher implements AutoCloseable {
  static final String STREAM = "live/demo";

  static DemoPublisher start(RunningServer server) {
    return new DemoPublisher();
  }

  static DemoPublisher none() {
    return new DemoPublisher();
  }

  @Override
  public void close() {}
}
