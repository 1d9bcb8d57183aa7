package io.millrace.transport.srt;

import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop, and the socket that the loop reads. A server has a port per
 * loop; a connection's socket id modulo their number says on which it lives. Where the kernel
 * spreads callers over sockets of one address (SO_REUSEPORT) a connection lives where its packets
 * arrive, unless that loop has much more to do than another. Packets that arrive elsewhere are
 * handed over in batches, one task a batch.
 *
 * <p>A datagram is copied once, out of the buffer that a whole batch was received into: a packet
 * that waits for its time would else keep the batch's memory.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for a tick, or for a datagram to leave
final class SrtPort extends ChannelInboundHandlerAdapter {
  /** Takes handshake packets. */
  interface Handshakes {
    /** Borrows the packet, which has a whole header and is of type handshake. */
    void onHandshake(ByteBuf packet, InetSocketAddress from, long nowUs);
  }

  /** Packets that wait for another loop, at most, before they are dropped. */
  private static final int MAX_INBOX_PACKETS = 4096;

  /** Connections that a loop may have more than the idlest before new ones go there. */
  private static final int MAX_IMBALANCE = 2;

  private static final long NOT_ARMED = Long.MAX_VALUE;
  private static final int SOCKET_ID_BITS = 30;

  private final EventLoop loop;
  private final int index;
  private final Ticker ticker;
  private final IntObjectMap<SrtLink> links = new IntObjectHashMap<>();
  private final List<SrtLink> order = new ArrayList<>();
  private final AtomicInteger linkCount = new AtomicInteger();
  private final AtomicInteger inboxPackets = new AtomicInteger();
  private final AtomicLong droppedPackets = new AtomicLong();

  // Set before the first packet.
  private SrtPort[] ports = {this};
  private @Nullable Handshakes handshakes;
  private volatile @Nullable Channel channel;

  private @Nullable Batch[] outboxes = new Batch[1];
  private long batchUs;
  private boolean inBatch;
  private boolean flushWanted;
  private long armedUs = NOT_ARMED;
  private int ticksScheduled;

  SrtPort(EventLoop loop, int index, Ticker ticker) {
    this.loop = loop;
    this.index = index;
    this.ticker = ticker;
  }

  /**
   * @param ports of the server, this one at its index
   * @param channel to write to; read by this port's loop, or by another's where there is one only
   */
  void start(SrtPort[] ports, Handshakes handshakes, Channel channel) {
    this.ports = ports;
    this.outboxes = new Batch[ports.length];
    this.handshakes = handshakes;
    this.channel = channel; // last: it publishes the others
  }

  EventLoop loop() {
    return loop;
  }

  Channel channel() {
    Channel started = channel;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  long nowUs() {
    return ticker.nanoTime() / 1000;
  }

  /** Packets dropped since the start: for an inbox that was full, or a socket that was. */
  long droppedPackets() {
    return droppedPackets.get();
  }

  /** The port for a new connection whose handshake came in here. */
  SrtPort choose() {
    SrtPort idlest = this;
    for (SrtPort each : ports) {
      if (each.channel != null && each.linkCount.get() < idlest.linkCount.get()) {
        idlest = each;
      }
    }
    return linkCount.get() - idlest.linkCount.get() > MAX_IMBALANCE ? idlest : this;
  }

  /** A socket id that is free and says that this is its port. On the loop. */
  int newSocketId() {
    assert loop.inEventLoop();
    int id;
    do {
      int random = ThreadLocalRandom.current().nextInt(1, 1 << SOCKET_ID_BITS);
      id = random - random % ports.length + index;
    } while (id == 0 || links.containsKey(id));
    return id;
  }

  /** Gives {@code link} its place. On the loop. */
  void add(SrtLink link) {
    assert loop.inEventLoop();
    links.put(link.socketId(), link);
    order.add(link);
    linkCount.incrementAndGet();
  }

  void remove(int socketId) {
    assert loop.inEventLoop();
    SrtLink removed = links.remove(socketId);
    if (removed != null) {
      order.remove(removed);
      linkCount.decrementAndGet();
    }
  }

  /** The connections of this loop. On the loop. */
  List<SrtLink> links() {
    return List.copyOf(order);
  }

  /** Sends a packet with the next flush. Takes it. On the loop. */
  void write(ByteBuf packet, InetSocketAddress to) {
    Channel out = channel();
    if (!out.isWritable()) {
      packet.release();
      droppedPackets.incrementAndGet();
      return;
    }
    // A caller's socket is connected: it needs no address with each packet.
    out.write(isConnected(out) ? packet : new DatagramPacket(packet, to), out.voidPromise());
    flushWanted = true;
  }

  private static boolean isConnected(Channel channel) {
    return channel instanceof DatagramChannel socket && socket.isConnected();
  }

  /** Flushes what was written outside of a batch. On the loop. */
  void flush() {
    if (flushWanted && !inBatch) {
      flushWanted = false;
      channel().flush();
    }
  }

  /** Wants {@link SrtLink#onTimer} at {@code dueUs} or soon after. On the loop. */
  void arm(long dueUs) {
    if (dueUs < armedUs) {
      armedUs = dueUs;
      schedule();
    }
  }

  private void schedule() {
    ticksScheduled++;
    loop.schedule(this::tick, Math.max(0, armedUs - nowUs()), TimeUnit.MICROSECONDS);
  }

  private void tick() {
    ticksScheduled--;
    long nowUs = nowUs();
    if (nowUs < armedUs) {
      if (ticksScheduled == 0 && armedUs != NOT_ARMED) {
        schedule();
      }
      return;
    }
    armedUs = NOT_ARMED;
    long nextUs = NOT_ARMED;
    inBatch = true;
    // From behind: those that end meanwhile make nobody be passed over.
    for (int i = order.size() - 1; i >= 0; i--) {
      if (i < order.size()) {
        nextUs = Math.min(nextUs, order.get(i).onTimer(nowUs));
      }
    }
    inBatch = false;
    flush();
    if (nextUs != NOT_ARMED) {
      arm(nextUs);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof DatagramPacket datagram)) {
      ReferenceCountUtil.release(message);
      return;
    }
    try {
      ByteBuf packet = datagram.content();
      if (SrtPacket.isPacket(packet)) {
        if (!inBatch) {
          inBatch = true;
          batchUs = nowUs();
        }
        route(packet, datagram.sender());
      }
    } finally {
      datagram.release();
    }
  }

  private void route(ByteBuf packet, InetSocketAddress from) {
    int destination = SrtPacket.destination(packet);
    if (isHandshake(packet)) {
      if (handshakes != null) {
        handshakes.onHandshake(packet, from, batchUs);
      }
    } else if (destination > 0) {
      int owner = destination % ports.length;
      if (owner == index) {
        deliver(packet, destination, from, batchUs);
      } else {
        handOver(ports[owner], owner, packet, from);
      }
    }
  }

  private static boolean isHandshake(ByteBuf packet) {
    return SrtPacket.isControl(packet) && SrtPacket.type(packet) == ControlType.HANDSHAKE;
  }

  private void deliver(ByteBuf packet, int destination, InetSocketAddress from, long nowUs) {
    SrtLink link = links.get(destination);
    if (link != null && link.isFrom(from)) {
      boolean kept = !SrtPacket.isControl(packet);
      link.onPacket(kept ? copy(packet) : packet.retain(), nowUs);
    }
  }

  private ByteBuf copy(ByteBuf packet) {
    int bytes = packet.readableBytes();
    ByteBuf copy = channel().alloc().directBuffer(bytes, bytes);
    packet.getBytes(packet.readerIndex(), copy, 0, bytes);
    return copy.writerIndex(bytes);
  }

  private void handOver(SrtPort to, int owner, ByteBuf packet, InetSocketAddress from) {
    if (to.inboxPackets.incrementAndGet() > MAX_INBOX_PACKETS) {
      to.inboxPackets.decrementAndGet();
      droppedPackets.incrementAndGet();
      return;
    }
    Batch batch = outboxes[owner];
    if (batch == null) {
      batch = to.new Batch(batchUs);
      outboxes[owner] = batch;
    }
    batch.datagrams.add(new DatagramPacket(copy(packet), from, from));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    for (int i = 0; i < outboxes.length; i++) {
      Batch batch = outboxes[i];
      if (batch != null) {
        outboxes[i] = null;
        batch.submit();
      }
    }
    inBatch = false;
    flush();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    EndReason reason = EndReason.of(EndReason.Kind.CLOSED_LOCALLY, "socket closed");
    links().forEach(link -> link.close(reason));
    context.fireChannelInactive();
  }

  /** A datagram that could not be sent or read ends nothing: the peer's silence will. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      context.fireExceptionCaught(cause);
    }
  }

  /** Packets handed over to this port's loop. */
  private final class Batch implements Runnable {
    private final List<DatagramPacket> datagrams = new ArrayList<>();
    private final long receivedUs;

    private Batch(long receivedUs) {
      this.receivedUs = receivedUs;
    }

    private void submit() {
      try {
        loop.execute(this);
      } catch (RejectedExecutionException e) {
        inboxPackets.addAndGet(-datagrams.size());
        datagrams.forEach(DatagramPacket::release);
      }
    }

    @Override
    public void run() {
      inboxPackets.addAndGet(-datagrams.size());
      inBatch = true;
      for (DatagramPacket datagram : datagrams) {
        ByteBuf packet = datagram.content();
        SrtLink link = links.get(SrtPacket.destination(packet));
        if (link != null && link.isFrom(datagram.sender())) {
          link.onPacket(packet, receivedUs);
        } else {
          datagram.release();
        }
      }
      inBatch = false;
      flush();
    }
  }
}
