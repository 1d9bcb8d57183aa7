package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.PayloadCipher;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One established SRT connection in live mode, both directions (draft-sharabayko-srt-01 §4).
 *
 * <p>Owns no clock, socket or timer: every method is given the time, and after each of them {@link
 * #dueUs} says when {@link #onTimer} wants to be called at the latest. Being called late costs
 * precision and nothing else; being called early does nothing. Packets go out through {@link
 * FlowOutput} while a method runs.
 *
 * <p>Nothing the peer sends makes a method throw, store outside the windows, or work for longer
 * than the packet and the windows account for; what cannot be is refused and counted as {@code
 * pktRcvInvalid}.
 *
 * <p>Confined to one thread. Times of successive calls must not run backwards.
 */
public final class SrtConnection {
  /** The time that never comes: nothing is due. */
  public static final long NEVER = Long.MAX_VALUE;

  private final FlowSettings settings;
  private final FlowOutput output;
  private final FlowCounters counters = new FlowCounters();
  private final RoundTrip roundTrip;
  private final ControlWriter control;
  private final FlowReceiver receiver;
  private final FlowSender sender;

  private long lastReceivedUs;
  private boolean ended;

  /**
   * @param cipher for every data packet of both directions, or null when the connection is clear
   * @param allocator of the packets to be sent
   */
  public SrtConnection(
      FlowSettings settings,
      @Nullable PayloadCipher cipher,
      ByteBufAllocator allocator,
      FlowOutput output,
      long nowUs) {
    this.settings = settings;
    this.output = output;
    roundTrip = new RoundTrip(settings.initialRttUs());
    control = new ControlWriter(allocator, output, settings, nowUs);
    receiver = new FlowReceiver(settings, cipher, output, control, roundTrip, counters, nowUs);
    sender = new FlowSender(settings, cipher, control, roundTrip, counters, nowUs);
    lastReceivedUs = nowUs;
  }

  /**
   * A datagram of the peer came, handshakes excepted. Takes it. One that is too short for a header
   * is dropped, and counted.
   */
  public void onPacket(ByteBuf datagram, long nowUs) {
    if (ended || !SrtPacket.isPacket(datagram)) {
      counters.pktRcvInvalid += ended ? 0 : 1;
      datagram.release();
      return;
    }
    lastReceivedUs = nowUs;
    if (!SrtPacket.isControl(datagram)) {
      receiver.onData(datagram, nowUs);
    } else {
      try {
        onControl(datagram, nowUs);
      } finally {
        datagram.release();
      }
    }
    if (dueUs() <= nowUs) {
      onTimer(nowUs);
    }
  }

  private void onControl(ByteBuf packet, long nowUs) {
    switch (SrtPacket.type(packet)) {
      case ControlType.ACK -> sender.onAck(packet, nowUs);
      case ControlType.ACK_ACK -> receiver.onAckAck(packet, nowUs);
      case ControlType.NAK -> sender.onNak(packet, nowUs);
      case ControlType.DROP_REQUEST -> receiver.onDropRequest(packet, nowUs);
      case ControlType.USER_DEFINED -> output.extension(packet, nowUs);
      case ControlType.SHUTDOWN -> {
        receiver.drain(nowUs);
        end(FlowEnd.PEER_SHUTDOWN);
      }
      case ControlType.KEEP_ALIVE, ControlType.CONGESTION_WARNING, ControlType.PEER_ERROR -> {}
      default -> counters.pktRcvInvalid++;
    }
  }

  /**
   * Sends one message. Takes it.
   *
   * @param payload at most {@link FlowSettings#maxPayloadBytes}
   * @return false when it was dropped: the connection has ended, or the send buffer is full
   * @throws IllegalArgumentException when it is empty or too long
   */
  public boolean send(ByteBuf payload, long nowUs) {
    int bytes = payload.readableBytes();
    if (bytes == 0 || bytes > settings.maxPayloadBytes()) {
      payload.release();
      throw new IllegalArgumentException("a message of " + bytes + " bytes");
    }
    if (ended) {
      payload.release();
      return false;
    }
    return sender.send(payload, nowUs);
  }

  /**
   * Does what is due.
   *
   * @return {@link #dueUs}
   */
  public long onTimer(long nowUs) {
    if (ended) {
      return NEVER;
    }
    if (nowUs - lastReceivedUs >= FlowSettings.PEER_IDLE_US) {
      receiver.drain(nowUs);
      control.empty(ControlType.SHUTDOWN, nowUs);
      end(FlowEnd.PEER_IDLE);
      return NEVER;
    }
    receiver.onTimer(nowUs);
    if (ended) {
      return NEVER;
    }
    sender.onTimer(nowUs);
    if (nowUs - control.lastSentUs() >= FlowSettings.KEEP_ALIVE_US) {
      control.keepAlive(nowUs);
    }
    return dueUs();
  }

  /** When {@link #onTimer} is to be called; {@link #NEVER} once the connection has ended. */
  public long dueUs() {
    if (ended) {
      return NEVER;
    }
    long silentUs =
        Math.min(
            lastReceivedUs + FlowSettings.PEER_IDLE_US,
            control.lastSentUs() + FlowSettings.KEEP_ALIVE_US);
    return Math.min(silentUs, Math.min(receiver.dueUs(), sender.dueUs()));
  }

  /** Ends the connection, tells the peer, and releases everything held. */
  public void close(long nowUs) {
    if (!ended) {
      control.empty(ControlType.SHUTDOWN, nowUs);
      end(FlowEnd.CLOSED);
    }
  }

  public boolean isEnded() {
    return ended;
  }

  /** The counters and the state at this instant. */
  public SrtStatistics statistics(long nowUs) {
    FlowCounters c = counters;
    Acknowledger acknowledger = receiver.acknowledger();
    Pacer pacer = sender.pacer();
    return new SrtStatistics(
        (nowUs - settings.startUs()) / 1000,
        c.pktSent,
        c.pktSentUnique,
        c.pktRetrans,
        c.pktSndLoss,
        c.pktSndDrop,
        c.pktRecv,
        c.pktRecvUnique,
        c.pktRcvLoss,
        c.pktRcvRetrans,
        c.pktRcvDrop,
        c.pktRcvBelated,
        c.pktRcvDuplicate,
        c.pktRcvUndecrypt,
        c.pktRcvOutOfWindow,
        c.pktRcvInvalid,
        c.pktSentAck,
        c.pktRecvAck,
        c.pktSentNak,
        c.pktRecvNak,
        c.byteSent,
        c.byteSentUnique,
        c.byteRetrans,
        c.byteSndDrop,
        c.byteRecv,
        c.byteRecvUnique,
        c.byteRcvLoss,
        c.byteRcvDrop,
        c.byteRcvUndecrypt,
        c.pktRcvBelated == 0 ? 0 : c.belatedUs / 1e3 / c.pktRcvBelated,
        receiver.reordering().largestSeen(),
        receiver.reordering().packets(),
        sender.peerWindow(),
        sender.flightPackets(),
        pacer.periodUs(sender.unsentBytes()),
        roundTrip.smoothedUs() / 1e3,
        roundTrip.varianceUs() / 1e3,
        sender.sendMbps(nowUs),
        acknowledger.recvMbps(nowUs),
        acknowledger.linkPacketsPerSecond() * 8.0 * settings.mssBytes() / 1e6,
        pacer.isLimited() ? pacer.bytesPerSecond() * 8 / 1e6 : 0,
        settings.mssBytes(),
        sender.heldPackets(),
        sender.heldBytes(),
        (int) (sender.heldUs(nowUs) / 1000),
        (int) (settings.sending().latencyUs() / 1000),
        receiver.held(),
        receiver.heldBytes(),
        (int) (receiver.heldUs() / 1000),
        (int) (settings.receiving().latencyUs() / 1000),
        receiver.driftUs());
  }

  private void end(FlowEnd reason) {
    if (ended) {
      return;
    }
    ended = true;
    control.close();
    receiver.release();
    sender.release();
    output.ended(reason);
  }
}
