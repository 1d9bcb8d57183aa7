package io.millrace.transport.srt;

import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.HandshakeExtension;
import io.millrace.transport.srt.wire.RejectCode;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A caller's side of a handshake (draft-sharabayko-srt-01 §4.3.1), without a clock or a socket.
 *
 * <pre>
 *  induction ──►       ◄── cookie        conclusion ──►       ◄── conclusion, or a refusal
 * </pre>
 *
 * What is not answered is sent again every {@link #RETRY_US}.
 */
final class CallerHandshake {
  static final long RETRY_US = 250_000;

  /** What became of a packet. */
  sealed interface Outcome {
    /** Nothing, or a step: {@link #poll} may have something to send. */
    record Pending() implements Outcome {}

    /** Connected. */
    record Connected(Negotiation negotiation, long peerStartUs, long rttUs) implements Outcome {}

    /** Over. */
    record Refused(int rejectCode) implements Outcome {}
  }

  private static final Outcome PENDING = new Outcome.Pending();
  private static final int KEY_STATE_BYTES = 4;
  private static final int KEY_STATE_BAD_SECRET = 4;

  private final SrtCallerSettings settings;
  private final int socketId;
  private final int initialSequence;
  private final byte @Nullable [] keyRequest;
  private final Handshake.PeerAddress peerAddress;

  private int cookie;
  private boolean concluding;
  private long sentUs;
  private boolean sent;
  private boolean repeated;

  /**
   * @param keyRequest body, or null for a connection in the clear
   */
  CallerHandshake(
      SrtCallerSettings settings,
      int socketId,
      int initialSequence,
      byte @Nullable [] keyRequest,
      Handshake.PeerAddress peerAddress) {
    this.settings = settings;
    this.socketId = socketId;
    this.initialSequence = initialSequence;
    this.keyRequest = keyRequest;
    this.peerAddress = peerAddress;
  }

  /** What is to be sent now, or null. */
  @Nullable Handshake poll(long nowUs) {
    if (sent && nowUs - sentUs < RETRY_US) {
      return null;
    }
    repeated = sent;
    sent = true;
    sentUs = nowUs;
    return concluding ? conclusion() : induction();
  }

  private Handshake induction() {
    return message(Handshake.VERSION_4, Handshake.UDT_DATAGRAM, Handshake.INDUCTION, List.of());
  }

  private Handshake conclusion() {
    List<HandshakeExtension> extensions = new ArrayList<>();
    extensions.add(
        Negotiation.request(
            (int) settings.latency().toMillis(), (int) settings.peerLatency().toMillis()));
    if (!settings.streamId().isEmpty()) {
      extensions.add(new HandshakeExtension.Text(ExtensionType.STREAM_ID, settings.streamId()));
    }
    if (keyRequest != null) {
      extensions.add(new HandshakeExtension.Keys(ExtensionType.KEY_REQUEST, keyRequest));
    }
    return message(
        Handshake.VERSION_5, Handshake.flagsFor(extensions), Handshake.CONCLUSION, extensions);
  }

  private Handshake message(
      int version, int extension, int type, List<HandshakeExtension> extensions) {
    return new Handshake(
        version,
        concluding && keyRequest != null ? settings.keyBytes() / 8 : 0,
        extension,
        initialSequence,
        settings.mtuBytes(),
        settings.windowPackets(),
        type,
        socketId,
        cookie,
        peerAddress,
        extensions);
  }

  /** A handshake packet of the listener's came, with a whole header. Borrows. */
  Outcome onPacket(ByteBuf packet, long nowUs) {
    if (!Handshake.isComplete(packet) || SrtPacket.destination(packet) != socketId) {
      return PENDING;
    }
    int type = Handshake.type(packet);
    if (type >= RejectCode.REQUEST_BASE) {
      return new Outcome.Refused(type - RejectCode.REQUEST_BASE);
    }
    return switch (type) {
      case Handshake.INDUCTION -> concluding ? PENDING : onInduction(packet);
      case Handshake.CONCLUSION -> concluding ? onConclusion(packet, nowUs) : PENDING;
      default -> PENDING;
    };
  }

  private Outcome onInduction(ByteBuf packet) {
    Handshake answer = Handshake.parseFixed(packet);
    if (answer.version() < Handshake.VERSION_5 || answer.extension() != Handshake.MAGIC) {
      return new Outcome.Refused(RejectCode.VERSION);
    }
    cookie = answer.cookie();
    concluding = true;
    sent = false;
    return PENDING;
  }

  private Outcome onConclusion(ByteBuf packet, long nowUs) {
    try {
      Handshake answer = Handshake.parse(packet);
      Negotiation negotiation =
          Negotiation.of(answer, ExtensionType.HANDSHAKE_RESPONSE, settings.mtuBytes());
      int keyProblem = checkKeys(negotiation.keys());
      if (keyProblem != RejectCode.UNKNOWN) {
        return new Outcome.Refused(keyProblem);
      }
      long rttUs = repeated ? 0 : nowUs - sentUs;
      return new Outcome.Connected(negotiation, nowUs - SrtPacket.timestampUs(packet), rttUs);
    } catch (HandshakeException e) {
      return new Outcome.Refused(e.rejectCode());
    }
  }

  /** A listener confirms a key by repeating it, or says in one word what is wrong. */
  private int checkKeys(byte @Nullable [] response) {
    if (keyRequest == null) {
      return response == null ? RejectCode.UNKNOWN : RejectCode.UNSECURE;
    }
    if (response == null || response.length == KEY_STATE_BYTES) {
      return isBadSecret(response) ? RejectCode.BAD_SECRET : RejectCode.UNSECURE;
    }
    return Arrays.equals(response, keyRequest) ? RejectCode.UNKNOWN : RejectCode.CRYPTO;
  }

  /** libsrt writes the word in its machine's byte order; three of its bytes are zero. */
  private static boolean isBadSecret(byte @Nullable [] state) {
    return state != null && (state[0] | state[3]) == KEY_STATE_BAD_SECRET;
  }
}
