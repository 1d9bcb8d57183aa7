package io.millrace.server.live;

import java.net.InetSocketAddress;
import java.time.Instant;

/** A publisher without a connection. */
abstract class PublisherStub implements Publisher {
  private final String id;

  /** Why it was closed; null while it is not. */
  volatile String closed;

  PublisherStub(String id) {
    this.id = id;
  }

  @Override
  public String sessionId() {
    return id;
  }

  @Override
  public String protocol() {
    return "rtmp";
  }

  @Override
  public InetSocketAddress remote() {
    return new InetSocketAddress("127.0.0.1", 1);
  }

  @Override
  public String encoder() {
    return "";
  }

  @Override
  public Instant since() {
    return Instant.EPOCH;
  }

  @Override
  public long bytesReceived() {
    return 0;
  }

  @Override
  public void close(String reason) {
    closed = reason;
  }
}
