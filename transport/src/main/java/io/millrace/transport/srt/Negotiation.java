package io.millrace.transport.srt;

import io.millrace.transport.srt.flow.FlowSettings;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.HandshakeExtension;
import io.millrace.transport.srt.wire.HandshakeExtension.Capabilities;
import io.millrace.transport.srt.wire.RejectCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a conclusion asks for, checked, and what comes of it (draft-sharabayko-srt-01 §3.2.1, §4.3).
 *
 * @param conclusion of the peer
 * @param capabilities its HSREQ or HSRSP
 * @param streamId text, empty when there is none; holds a secret
 * @param keys body of its key extension, or null
 * @param mtuBytes the smaller of both sides'
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Negotiation(
    Handshake conclusion,
    Capabilities capabilities,
    String streamId,
    byte @Nullable [] keys,
    int mtuBytes) {

  /** libsrt's oldest with version 5 handshakes. */
  private static final int MIN_VERSION = 0x010300;

  /** From here on libsrt sends a packet again at most once per round trip. */
  private static final int THRIFTY_VERSION = 0x010404;

  private static final int OWN_VERSION = 0x010500;
  private static final int OWN_FLAGS =
      Capabilities.TSBPD_SENDER
          | Capabilities.TSBPD_RECEIVER
          | Capabilities.CRYPT
          | Capabilities.TOO_LATE_DROP
          | Capabilities.PERIODIC_NAK
          | Capabilities.RETRANSMIT_FLAG;
  private static final int OVERHEAD_PERCENT = 25;
  private static final int MIN_WINDOW_PACKETS = 64;

  /**
   * Checks a peer's conclusion.
   *
   * @param capabilityType {@link ExtensionType#HANDSHAKE_REQUEST} of a caller's, else {@code
   *     HANDSHAKE_RESPONSE}
   * @throws HandshakeException for what is malformed or not supported
   */
  static Negotiation of(Handshake conclusion, int capabilityType, int ownMtuBytes)
      throws HandshakeException {
    if (conclusion.version() != Handshake.VERSION_5) {
      throw new HandshakeException(
          RejectCode.VERSION, "handshake version %d".formatted(conclusion.version()));
    }
    if (conclusion.initialSequence() < 0
        || conclusion.mtuBytes() < SrtSettings.MIN_MTU_BYTES
        || conclusion.flowWindowPackets() < 2) {
      throw new HandshakeException(RejectCode.ROGUE, "impossible sequence number, MTU or window");
    }
    Capabilities capabilities = null;
    String streamId = "";
    byte[] keys = null;
    for (HandshakeExtension each : conclusion.extensions()) {
      switch (each) {
        case Capabilities it -> capabilities = it.type() == capabilityType ? it : capabilities;
        case HandshakeExtension.Keys it -> keys = keys == null ? it.body() : keys;
        case HandshakeExtension.Text it -> {
          check(it);
          streamId = it.type() == ExtensionType.STREAM_ID ? it.text() : streamId;
        }
        case HandshakeExtension.Other it -> {
          if (it.type() == ExtensionType.GROUP) {
            throw new HandshakeException(RejectCode.GROUP, "socket groups are not supported");
          }
        }
      }
    }
    return new Negotiation(
        conclusion,
        check(capabilities),
        streamId,
        keys,
        Math.min(ownMtuBytes, conclusion.mtuBytes()));
  }

  private static void check(HandshakeExtension.Text text) throws HandshakeException {
    if (text.type() == ExtensionType.CONGESTION && !text.text().equals("live")) {
      throw new HandshakeException(RejectCode.CONGESTION, "only live mode is supported");
    }
    if (text.type() == ExtensionType.FILTER && !text.text().isEmpty()) {
      throw new HandshakeException(RejectCode.FILTER, "packet filters are not supported");
    }
  }

  private static Capabilities check(@Nullable Capabilities capabilities) throws HandshakeException {
    if (capabilities == null) {
      throw new HandshakeException(RejectCode.ROGUE, "no handshake extension");
    }
    if (capabilities.version() < MIN_VERSION) {
      throw new HandshakeException(RejectCode.VERSION, "SRT version before 1.3.0");
    }
    if (capabilities.has(Capabilities.STREAM)) {
      throw new HandshakeException(RejectCode.MESSAGE_API, "only live mode is supported");
    }
    return capabilities;
  }

  /** The peer's version, such as 1.5.1. */
  String version() {
    int version = capabilities.version();
    return "%d.%d.%d".formatted(version >>> 16, (version >> 8) & 0xFF, version & 0xFF);
  }

  /** Delay of what we receive, for a listener: the larger wish, within the limit. */
  long receiverLatencyMs(SrtSettings settings) {
    return capped(
        settings, capabilities.has(Capabilities.TSBPD_SENDER) ? capabilities.senderLatencyMs() : 0);
  }

  /** Delay of what the peer receives, for a listener. */
  long peerLatencyMs(SrtSettings settings) {
    return capped(
        settings,
        capabilities.has(Capabilities.TSBPD_RECEIVER) ? capabilities.receiverLatencyMs() : 0);
  }

  private static long capped(SrtSettings settings, int wishedMs) {
    return Math.min(
        settings.maxLatency().toMillis(), Math.max(settings.latency().toMillis(), wishedMs));
  }

  /**
   * Delay of one direction, for a caller: the larger wish, but never more than a connection can.
   */
  static long callersLatencyMs(long ownMs, int listenersMs) {
    return Math.min(SrtSettings.MAX_LATENCY_MS, Math.max(ownMs, listenersMs));
  }

  /** A caller's HSREQ. */
  static Capabilities request(int receiverLatencyMs, int peerLatencyMs) {
    return new Capabilities(
        ExtensionType.HANDSHAKE_REQUEST, OWN_VERSION, OWN_FLAGS, receiverLatencyMs, peerLatencyMs);
  }

  /** A listener's answer that accepts. */
  Handshake answer(
      int socketId,
      Handshake.PeerAddress peerAddress,
      SrtSettings settings,
      byte @Nullable [] keyResponse) {
    Capabilities own =
        new Capabilities(
            ExtensionType.HANDSHAKE_RESPONSE,
            OWN_VERSION,
            OWN_FLAGS,
            (int) receiverLatencyMs(settings),
            (int) peerLatencyMs(settings));
    List<HandshakeExtension> extensions =
        keyResponse == null
            ? List.of(own)
            : List.of(own, new HandshakeExtension.Keys(ExtensionType.KEY_RESPONSE, keyResponse));
    return new Handshake(
        Handshake.VERSION_5,
        0,
        Handshake.flagsFor(extensions),
        conclusion.initialSequence(),
        mtuBytes,
        settings.windowPackets(),
        Handshake.CONCLUSION,
        socketId,
        conclusion.cookie(),
        peerAddress,
        extensions);
  }

  /**
   * Parameters of the connection.
   *
   * @param ownSequence initial sequence number of what we send
   * @param startUs from which our timestamps count
   * @param peerStartUs arrival of the conclusion less its timestamp
   * @param rttUs 0 when not known
   */
  FlowSettings flow(
      int ownSequence,
      long startUs,
      long peerStartUs,
      long rttUs,
      long receiverLatencyMs,
      long peerLatencyMs,
      int windowPackets,
      int maxHeldBytes) {
    int peerWindow =
        Math.max(MIN_WINDOW_PACKETS, Math.min(windowPackets, conclusion.flowWindowPackets()));
    return new FlowSettings(
        conclusion.socketId(),
        startUs,
        mtuBytes,
        rttUs,
        new FlowSettings.Receiving(
            conclusion.initialSequence(),
            peerStartUs,
            receiverLatencyMs * 1000,
            windowPackets,
            maxHeldBytes,
            /* tooLateDrop= */ true,
            /* repeatNak= */ true,
            capabilities.version() >= THRIFTY_VERSION,
            /* maxReorderPackets= */ 0),
        new FlowSettings.Sending(
            ownSequence,
            peerLatencyMs * 1000,
            peerWindow,
            maxHeldBytes,
            capabilities.has(Capabilities.TOO_LATE_DROP),
            capabilities.has(Capabilities.PERIODIC_NAK),
            OVERHEAD_PERCENT,
            /* inputBytesPerSecond= */ 0));
  }

  /** Without the stream id. */
  @Override
  public String toString() {
    return "Negotiation[version=%s, encrypted=%b, mtu=%d]"
        .formatted(version(), keys != null, mtuBytes);
  }
}
