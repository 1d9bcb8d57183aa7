package io.millrace.transport.srt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Reads a channel's socket in the channel's place, without an object for a datagram or its sender.
 * Netty binds the socket, sends by it and closes it; this has a descriptor of its own for the same
 * socket, registered with the same event loop, whose epoll would not take one descriptor twice.
 *
 * <p>Level-triggered: what is left after a turn brings the next one. Confined to the loop.
 */
final class DirectReader implements EpollIoHandle {
  /** Takes what is read, on the loop. */
  interface Sink {
    /** Borrows both, which are the next datagram's in the next moment. */
    void onDatagram(ByteBuf datagram, Source from);

    /** There is no more at this moment, or others have their turn. */
    void onTurnEnd();

    /** A sink's method threw; reading goes on. */
    void onError(Throwable thrown);

    /** The kernel refuses for good. Close this reader, and let the channel read. */
    void onUnreadable(String why);
  }

  /** Datagrams after which other sockets of the loop get their turn. */
  private static final int DATAGRAMS_PER_TURN = 256;

  /** Most refusals of the kernel in a row that may be a peer's doing, such as ICMP messages. */
  private static final int MAX_ERRORS_IN_A_ROW = 1_000;

  private final EpollDatagramChannel channel;
  private final FileDescriptor socket;
  private final Sink sink;
  private final Source source = new Source();

  // Set in start, before the first event.
  @SuppressWarnings("NullAway.Init")
  private IoRegistration registration;

  private int errorsInARow;
  private boolean closed;

  private DirectReader(EpollDatagramChannel channel, FileDescriptor socket, Sink sink) {
    this.channel = channel;
    this.socket = socket;
    this.sink = sink;
  }

  /**
   * Begins to read. On the channel's loop.
   *
   * @param channel that is bound and does not read by itself
   * @throws IOException when the socket cannot be had twice
   */
  static DirectReader start(EpollDatagramChannel channel, Sink sink) throws IOException {
    assert channel.eventLoop().inEventLoop();
    int twin = Libc.duplicate(channel.fd().intValue());
    if (twin < 0) {
      throw new IOException("no second descriptor for the socket");
    }
    DirectReader reader = new DirectReader(channel, new FileDescriptor(twin), sink);
    try {
      reader.register();
    } catch (IOException | RuntimeException e) {
      reader.socket.close();
      throw e;
    }
    return reader;
  }

  private void register() throws IOException {
    // On the loop it is done when the call returns.
    Future<IoRegistration> registered = ((IoEventLoop) channel.eventLoop()).register(this);
    if (!registered.isSuccess()) {
      throw new IOException("the event loop takes no second descriptor", registered.cause());
    }
    registration = registered.getNow();
    try {
      registration.submit(EpollIoOps.EPOLLIN);
    } catch (UncheckedIOException e) {
      registration.cancel();
      throw e.getCause();
    }
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void handle(IoRegistration unused, IoEvent event) {
    assert channel.eventLoop().inEventLoop();
    int datagrams = 0;
    int slots;
    do {
      ReceiveRing ring = ReceiveRing.current();
      slots = ring.receive(socket.intValue());
      if (slots < 0) {
        refused(-slots);
        break;
      }
      errorsInARow = 0;
      for (int slot = 0; slot < slots; slot++) {
        datagrams += take(ring, slot);
      }
    } while (!closed && slots == ReceiveRing.SLOTS && datagrams < DATAGRAMS_PER_TURN);
    endTurn();
  }

  /** Returns how many datagrams there were. */
  private int take(ReceiveRing ring, int slot) {
    int bytes = ring.bytes(slot);
    int joined = ring.segmentBytes(slot);
    int segmentBytes = joined == 0 ? bytes : joined;
    int datagrams = 0;
    if (ring.source(slot, source)) {
      for (int offset = 0; offset < bytes && !closed; offset += segmentBytes) {
        give(ring.datagram(slot, offset, Math.min(segmentBytes, bytes - offset)));
        datagrams++;
      }
    }
    ring.reset(slot);
    return datagrams;
  }

  // Whatever it throws: a loop that is left by an error serves nobody any more.
  private void give(ByteBuf datagram) {
    try {
      sink.onDatagram(datagram, source);
    } catch (Throwable e) {
      sink.onError(e);
    }
  }

  private void endTurn() {
    try {
      sink.onTurnEnd();
    } catch (Throwable e) {
      sink.onError(e);
    }
  }

  private void refused(int error) {
    switch (error) {
      case Libc.EAGAIN -> errorsInARow = 0;
      case Libc.EPERM, Libc.EBADF, Libc.EFAULT, Libc.EINVAL, Libc.ENOSYS, Libc.ENOTSOCK ->
          giveUp(error);
      default -> {
        if (++errorsInARow > MAX_ERRORS_IN_A_ROW) {
          giveUp(error);
        }
      }
    }
  }

  private void giveUp(int error) {
    sink.onUnreadable("recvmmsg says error " + error);
  }

  /** On the loop; a second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    registration.cancel();
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way (close(2)).
    }
  }
}
