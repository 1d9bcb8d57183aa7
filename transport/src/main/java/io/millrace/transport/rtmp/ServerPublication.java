package io.millrace.transport.rtmp;

import io.netty.channel.EventLoop;

/** A session's publication as the handler sees it: hops to the event loop from any thread. */
final class ServerPublication implements RtmpPublication {
  /** The session; its methods are called on its loop, but for {@link #bytesReceived}. */
  interface Owner {
    void reject(ServerPublication publication, String code, String description);

    void close(ServerPublication publication, String reason);

    void requestReconnect(ServerPublication publication, String tcUrl, String description);

    /** From any thread. */
    long bytesReceived();
  }

  private final PublishRequest request;
  private final RtmpCapabilities capabilities;
  private final int messageStreamId;
  private final EventLoop loop;
  private final Owner owner;

  ServerPublication(
      PublishRequest request,
      RtmpCapabilities capabilities,
      int messageStreamId,
      EventLoop loop,
      Owner owner) {
    this.request = request;
    this.capabilities = capabilities;
    this.messageStreamId = messageStreamId;
    this.loop = loop;
    this.owner = owner;
  }

  int messageStreamId() {
    return messageStreamId;
  }

  @Override
  public String sessionId() {
    return request.sessionId();
  }

  @Override
  public PublishRequest request() {
    return request;
  }

  @Override
  public RtmpCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public EventLoop eventLoop() {
    return loop;
  }

  @Override
  public void reject(String code, String description) {
    onLoop(() -> owner.reject(this, code, description));
  }

  @Override
  public void close(String reason) {
    onLoop(() -> owner.close(this, reason));
  }

  @Override
  public boolean requestReconnect(String tcUrl, String description) {
    if (!capabilities.reconnect()) {
      return false;
    }
    onLoop(() -> owner.requestReconnect(this, tcUrl, description));
    return true;
  }

  @Override
  public long bytesReceived() {
    return owner.bytesReceived();
  }

  private void onLoop(Runnable action) {
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }
}
