package io.millrace.transport.srt;

import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
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
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
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
 * <p>Datagrams come from a {@link DirectReader} or, where there is none, from Netty's channel. A
 * datagram is copied once, out of the memory that a whole batch was received into: a packet that
 * waits for its time would else keep that memory. The copy is pooled; with a direct reader nothing
 * else is made for a packet of an established connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for a tick, or for a datagram to leave
final class SrtPort extends ChannelDuplexHandler implements DirectReader.Sink {
  /** Takes handshake packets. */
  interface Handshakes {
    /** Borrows the packet, which has a whole header and is of type handshake. */
    void onHandshake(ByteBuf packet, InetSocketAddress from, long nowUs);
  }

  /** Packets that wait for another loop, at most, before they are dropped. */
  private static final int MAX_INBOX_PACKETS = 4096;

  /** Batches between loops that are kept to be used again, for each loop. */
  private static final int MAX_IDLE_BATCHES = 8;

  /** Connections that a loop may have more than the idlest before new ones go there. */
  private static final int MAX_IMBALANCE = 2;

  private static final long NOT_ARMED = Long.MAX_VALUE;
  private static final int SOCKET_ID_BITS = 30;

  private final EventLoop loop;
  private final int index;
  private final Ticker ticker;
  private final ReceivePath path;
  private final IntObjectMap<SrtLink> links = new IntObjectHashMap<>();
  private final List<SrtLink> order = new ArrayList<>();
  private final AtomicInteger linkCount = new AtomicInteger();
  private final AtomicInteger inboxPackets = new AtomicInteger();
  private final AtomicLong droppedPackets = new AtomicLong();
  private final Queue<Batch> idleBatches = new ArrayBlockingQueue<>(MAX_IDLE_BATCHES);
  private final Source source = new Source();
  private final Runnable tick = this::tick;

  // Set before the first packet.
  private SrtPort[] ports = {this};
  private @Nullable Handshakes handshakes;
  private volatile @Nullable Channel channel;
  private @Nullable DirectReader reader;

  private @Nullable Batch[] outboxes = new Batch[1];
  private long batchUs;
  private boolean inBatch;
  private boolean flushWanted;
  private long armedUs = NOT_ARMED;
  private int ticksScheduled;

  /**
   * @param path wanted for datagrams
   */
  SrtPort(EventLoop loop, int index, Ticker ticker, ReceivePath path) {
    this.loop = loop;
    this.index = index;
    this.ticker = ticker;
    this.path = path.on(loop);
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
    loop.schedule(tick, Math.max(0, armedUs - nowUs()), TimeUnit.MICROSECONDS);
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
  public void handlerAdded(ChannelHandlerContext context) {
    if (path != ReceivePath.CHANNEL) {
      context.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (path != ReceivePath.CHANNEL && context.channel() instanceof EpollDatagramChannel socket) {
      try {
        reader = DirectReader.start(socket, this);
        join(socket, path == ReceivePath.JOINED);
      } catch (IOException | RuntimeException e) {
        onUnreadable(e.toString());
      }
    }
    context.fireChannelActive();
  }

  private static void join(Channel socket, boolean joined) {
    try {
      socket.config().setOption(EpollChannelOption.UDP_GRO, joined);
    } catch (ChannelException e) {
      // A kernel before 5.0 gives each datagram by itself.
    }
  }

  /** Netty's channel reads from here on. */
  @Override
  public void onUnreadable(String why) {
    ReceivePath.toldOnce(why);
    closeReader();
    Channel socket = channel();
    join(socket, false); // it has no room for joined ones
    socket.config().setAutoRead(true);
  }

  @Override
  public void onError(Throwable thrown) {
    channel().pipeline().fireExceptionCaught(thrown);
  }

  @Override
  public void onDatagram(ByteBuf datagram, Source from) {
    // A longer one is no SRT packet: none is larger than what Ethernet carries.
    if (SrtPacket.isPacket(datagram)
        && datagram.readableBytes() <= UdpChannels.MAX_DATAGRAM_BYTES) {
      if (!inBatch) {
        inBatch = true;
        batchUs = nowUs();
      }
      route(datagram, from);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof DatagramPacket datagram)) {
      ReferenceCountUtil.release(message);
      return;
    }
    try {
      source.set(datagram.sender());
      onDatagram(datagram.content(), source);
    } finally {
      datagram.release();
    }
  }

  private void route(ByteBuf packet, Source from) {
    int destination = SrtPacket.destination(packet);
    if (isHandshake(packet)) {
      if (handshakes != null) {
        handshakes.onHandshake(packet, from.address(), batchUs);
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

  private void deliver(ByteBuf packet, int destination, Source from, long nowUs) {
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

  private void handOver(SrtPort to, int owner, ByteBuf packet, Source from) {
    if (to.inboxPackets.incrementAndGet() > MAX_INBOX_PACKETS) {
      to.inboxPackets.decrementAndGet();
      droppedPackets.incrementAndGet();
      return;
    }
    Batch batch = outboxes[owner];
    if (batch == null) {
      batch = to.idleBatches.poll();
      if (batch == null) {
        batch = to.new Batch();
      }
      batch.receivedUs = batchUs;
      outboxes[owner] = batch;
    }
    batch.add(copy(packet), from);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    onTurnEnd();
  }

  @Override
  public void onTurnEnd() {
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

  /** The reader's descriptor first: while it is open, the address is taken. */
  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    closeReader();
    context.close(promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closeReader();
    EndReason reason = EndReason.of(EndReason.Kind.CLOSED_LOCALLY, "socket closed");
    links().forEach(link -> link.close(reason));
    context.fireChannelInactive();
  }

  private void closeReader() {
    DirectReader open = reader;
    if (open != null) {
      open.close();
    }
  }

  /** A datagram that could not be sent or read ends nothing: the peer's silence will. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      context.fireExceptionCaught(cause);
    }
  }

  /**
   * Packets handed over to this port's loop. Filled on the loop that read them, emptied on this
   * one, and used again.
   */
  private final class Batch implements Runnable {
    private final List<ByteBuf> packets = new ArrayList<>();

    /** Of the packets, and places for more. */
    private final List<Source> sources = new ArrayList<>();

    private long receivedUs;

    private void add(ByteBuf packet, Source from) {
      if (packets.size() == sources.size()) {
        sources.add(new Source());
      }
      sources.get(packets.size()).copy(from);
      packets.add(packet);
    }

    private void submit() {
      try {
        loop.execute(this);
      } catch (RejectedExecutionException e) {
        inboxPackets.addAndGet(-packets.size());
        packets.forEach(ByteBuf::release);
      }
    }

    @Override
    public void run() {
      inboxPackets.addAndGet(-packets.size());
      inBatch = true;
      for (int i = 0; i < packets.size(); i++) {
        ByteBuf packet = packets.get(i);
        SrtLink link = links.get(SrtPacket.destination(packet));
        if (link != null && link.isFrom(sources.get(i))) {
          link.onPacket(packet, receivedUs);
        } else {
          packet.release();
        }
      }
      packets.clear();
      idleBatches.offer(this);
      inBatch = false;
      flush();
    }
  }
}
